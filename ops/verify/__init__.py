"""`verify`: recomputes everything from what was decided, and compares every row with its sealed digest."""

from ops.verify.verify import verify

__all__ = ["verify"]
