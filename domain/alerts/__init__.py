"""From what monitoring says to an incident: labels → spells → alert → alertmanager → maintenance → rules → counts →
groups → incidents.
"""
