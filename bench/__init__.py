"""Figures with their baselines: one file per question. What they stand on is in `ground`."""
