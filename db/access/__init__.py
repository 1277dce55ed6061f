"""keys (who may call, by hash) and door (wrong keys and strangers, shared by all API processes)."""
