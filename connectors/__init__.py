"""The outside world behind small protocols: registers, billing, channels and the door they go through; files people
bring.
"""
