"""/projects in the order of a move: project → lists → plans → rehearsal_packs → rehearsals → launched → standing →
gantt → reports.
"""
