"""/vendors and /directory: vendor → directories."""
