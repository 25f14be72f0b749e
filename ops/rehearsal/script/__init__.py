"""A scenario's file: read and checked, not yet played."""
