"""Who moves which workplace when.

To be read: waves → plan → hours → boards → desk_sequence → planning → rows → making; then what is done with a plan:
explanations, charts, checks, changes, proposals, rescheduling, versions, approvals, launches (what workflows start
with).
"""
