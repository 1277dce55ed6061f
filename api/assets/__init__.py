"""/assets and /imports: asset (the register) → imports (lists brought into it)."""
