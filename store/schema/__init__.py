"""Which tables are there? Each module holds those of one noun; `metadata` knows them all."""

from store.schema import (
    cases,
    checkpoints,
    commands,
    evidence,
    identity,
    journal,
    own,
    parties,
    privacy,
    repairs,
    rulebooks,
    scores,
    standing,
    verdicts,
    webhooks,
)
from store.schema.metadata import metadata

__all__ = [
    "cases",
    "checkpoints",
    "commands",
    "evidence",
    "identity",
    "journal",
    "metadata",
    "own",
    "parties",
    "privacy",
    "repairs",
    "rulebooks",
    "scores",
    "standing",
    "verdicts",
    "webhooks",
]
