"""What orders and incidents ask alike: lists → *_standing (where one stands) → instructions (who says it, when) →
promises.
"""
