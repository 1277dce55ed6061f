"""How people are reached: channel (a way out of the house), contacts (what of a person leads somewhere)."""
