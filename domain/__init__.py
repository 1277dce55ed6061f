"""What is true: rules without I/O, clock, framework or settings.

Flat: what has no subject (ids, kinds, people, places, times). Rooms in the order of their imports: clocks →
channels, assets, vendors → contracts → cases → orders, oncall → incidents, moves → alerts, promises; customer_files
over all.
"""
