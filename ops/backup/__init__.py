"""A backup of the embedded product, taken while it runs: its database, its evidence, and apart from both its keys.

Temporal's store is in none: whatever it knows is made again from the rows.
"""
