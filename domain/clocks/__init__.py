"""Running promises and the hours they run in.

To be read: windows → timetables → calendars (when a service is open) → calendar_checks → holds → thresholds →
sla (the clock) → ladders → events → explanations → reports.
"""
