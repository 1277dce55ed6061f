"""What somebody types who sets up a house: init makes what must be there, doctor says what is wrong.

To be read: init; then doctor → finding → database_checks, temporal_checks, outside_checks; backups → restoring.
"""
