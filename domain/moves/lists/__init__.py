"""A move list from its cells to what is kept of it: cells → almost_days → columns → rows → kits → desk_chains →
room_shapes → conflicts → staging.
"""
