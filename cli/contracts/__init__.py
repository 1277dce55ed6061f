"""`imac contract`, `imac chain`, `imac matrix`."""
