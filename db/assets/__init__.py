"""The register: asset (one row each), register (as a whole, for lists), imports (what a list changed)."""
