"""What a contract's real cases come to under its own terms and under others: nothing is kept.

Read `cases` (what of one is paid for), `reading`, `terms` (whose prices), `facts` (what under these happened),
`rated` (lines), `comparison` (two sets of terms side by side), `cost` (as it is told), `planned` (a move to come).
"""
