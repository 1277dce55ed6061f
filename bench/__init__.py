"""Figures with their baselines: one file per question, bare for what they are held against, stand for where they
run.
"""
