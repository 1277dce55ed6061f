"""The `imac` command: main registers a room per subject; asking, http, answers and tables serve all of them."""
