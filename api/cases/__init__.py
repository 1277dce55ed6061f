"""What orders and incidents ask alike: lists → standing (where one stands) → instructions (who says it, when) →
promises.
"""
