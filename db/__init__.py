"""engine (both databases, how they are opened), schema (their migrations), and one file per stored noun: its table
and its queries as functions. Nouns of one subject share a room.
"""
