"""Incident logs of other products: servicenow → logged, which can be done again."""
