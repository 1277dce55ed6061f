"""`imac incident`: incident → commands → sheet; replay_log and log_replay run a real log through the workflow."""
