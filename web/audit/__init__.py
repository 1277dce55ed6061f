"""/audit, where nothing is written: found (which cases) → records (all that is kept of one) → explained (its clocks
and its journal, as they are read) → cases (the pages)."""
