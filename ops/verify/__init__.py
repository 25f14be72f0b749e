"""Is it all true? Everything recomputed from what was decided, and every row held against the chains."""

from ops.verify.verify import verify

__all__ = ["verify"]
