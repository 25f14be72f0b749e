"""Which kinds and statuses of cases could somebody claim? What the tables allow them in their own regions."""

from functools import lru_cache

from states.situation import Actor, Situation
from states.tables import TABLES
from states.terms import Kind, Status

CLAIM = "claim"


@lru_cache
def claimable(actor: Actor) -> frozenset[tuple[Kind, Status]]:
    """Where the actor could claim a case that bars nobody (rulings 1, 3 and 18)."""
    region = min(actor.regions, default="")
    return frozenset(
        (kind, status)
        for kind, table in TABLES.items()
        for status in table.statuses
        if CLAIM in table.allowed(Situation(kind, status, region, actor=actor))
    )
