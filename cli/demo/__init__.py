"""`imac demo`: app (the move) and orders, incidents beside it.

stage, plot, people and crew play it; board, move_board, report and move_report show it.
"""
