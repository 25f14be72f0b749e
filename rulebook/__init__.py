"""What does it cost?

The policy as data (`data/`), its models, the loader that lays region overlays over a base, and pure scoring: prices,
the fold, tiers, triggers and recovery. No clock, and no reading but the rulebook's own files.
"""
