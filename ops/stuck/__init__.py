"""What is stuck, why, since when, and what mends it safely? By the rows, and by what Temporal says of workflows."""

from ops.stuck.rows import by_rows
from ops.stuck.terms import Repair, Stuck, Thing, Trouble, Whose
from ops.stuck.workflows import by_workflows

__all__ = ["Repair", "Stuck", "Thing", "Trouble", "Whose", "by_rows", "by_workflows"]
