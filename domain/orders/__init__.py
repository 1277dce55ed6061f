"""One order's life: answers, order (asked, accepted, promised) → progress → decisions/ (what a command does) → promises
(its clocks) → news → register_changes → charges → sheets (as people read it) → standing (right after its start).
"""
