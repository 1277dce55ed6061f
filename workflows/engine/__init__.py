"""What this version is to the server: runs (what it says of cases), replays (do they go on), places (for tasks)."""
