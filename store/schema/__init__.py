"""Which tables are there? Each module holds those of one noun; `metadata` knows them all."""

from store.schema import cases, journal, parties, policy, scores, standing, verdicts
from store.schema.metadata import metadata

__all__ = ["cases", "journal", "metadata", "parties", "policy", "scores", "standing", "verdicts"]
