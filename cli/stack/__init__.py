"""`imac up`: up → supervisor → programs → temporal_server → ports."""
