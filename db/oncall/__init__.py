"""rotas (versions and overrides) and pages (who is called now)."""
