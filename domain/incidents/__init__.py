"""One incident's life: incident (reported, accepted) → progress → promises (its clocks) → decisions → sheets →
reports.

servicenow and logged: a real log told again.
"""
