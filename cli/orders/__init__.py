"""`imac order`: order (place, list, show) → commands (one line per thing it may be told) → kits → sheet (as people
read it).
"""
