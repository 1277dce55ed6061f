"""projects (lists staged) → plans (and rehearsals) → launches (what became of every workplace)."""
