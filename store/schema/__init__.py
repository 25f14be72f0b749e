"""Which tables are there? Each module holds those of one noun; `metadata` knows them all."""

from store.schema import (
    cases,
    commands,
    evidence,
    identity,
    journal,
    own,
    parties,
    rulebooks,
    scores,
    standing,
    verdicts,
    webhooks,
)
from store.schema.metadata import metadata

__all__ = [
    "cases",
    "commands",
    "evidence",
    "identity",
    "journal",
    "metadata",
    "own",
    "parties",
    "rulebooks",
    "scores",
    "standing",
    "verdicts",
    "webhooks",
]
