"""`imac alert` and `imac maintenance`."""
