"""On the floor: day shows a technician the stops, forms make what is checked off there, papers take in photos."""
