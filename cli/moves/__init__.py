"""`imac project` in the order of a move: project → plans → plan_pictures → rehearse → launched → commands → report.

papers, previews, events, bars, board and sheet are what these show.
"""
