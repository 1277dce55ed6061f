"""Office moves: project → lists/ (what people write) → plans/ (who moves what when) → launched/ (under way) →
reports/ (what came of it); rehearsals/ (the same in virtual time).
"""
