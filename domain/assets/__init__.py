"""The register's things: asset (its life) → lists (what a file says of assets) → imports (what a file would change)."""
