"""From what monitoring says to an incident: labels → alert → alertmanager → maintenance → rules → groups →
incidents.
"""
