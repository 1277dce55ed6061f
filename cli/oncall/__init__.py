"""`imac oncall` and `imac page`: rota → page."""
