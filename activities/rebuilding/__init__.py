"""Tables made anew from what histories hold: deeds (what was done), images (cases drawn from them), then rebuild,
which has cases, projects, effects, letters and groups held against the tables and written.
"""
