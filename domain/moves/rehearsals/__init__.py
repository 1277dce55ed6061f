"""rehearsal (one run in virtual time: what is known before, what came of it) → forecasts (what many runs say
together).
"""
