"""Preparing a move: beginning begins it, page takes what is said of it, shown makes what stands there.

rehearsals runs plans through beside this process; rescheduling plans one wave for another time.
"""
