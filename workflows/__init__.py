"""What happens, in order: deterministic, replayed for ever.

To be read: case (what all cases do alike) → effects → sla_watch → hours; then one workflow per kind of case with its
*_case beside it, steps/ for an order's chain; client is the only door to Temporal from outside.
"""
