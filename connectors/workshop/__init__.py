"""Processes for what must not hold up the API: files of strangers, long computing, large documents.

jobs → child → foreman (the process the others are copies of), lines (to it), workshop (benches, limits, results).
"""
