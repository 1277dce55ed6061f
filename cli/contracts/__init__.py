"""`imac contract`, `imac invoice`, `imac chain`, `imac matrix`."""
