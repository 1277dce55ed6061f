"""Where somebody comes with what is to become a case: an order, an incident.

counter (the form is taken once, refused, or becomes one) → orders, incidents.
"""
