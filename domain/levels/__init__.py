"""Service levels: what a service needs, when it was down, and what is left of its promise.

Read `needs` (down by how much), `spans` (lists of seconds), `availability` (measuring), `simulations` (as a document).
"""
