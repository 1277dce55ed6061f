"""engine (both databases, how they are opened) and one file per stored noun: its table and its queries as functions."""
