"""What this version is to the server: runs (what it says of cases), replays (do they go on), places (for tasks),
build (what this code is called), versions (which are let in), versioned_cases, going_back."""
