"""Which restrictions are in force for a subject, by the rulebooks that its penalties keep?"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from activities.rulebooks import Rulebooks
from rulebook.policy import Policy
from store import penalty


def in_force(
    connection: Connection, rulebooks: Rulebooks, subject_id: str, at: datetime
) -> tuple[frozenset[str], datetime | None]:
    """The restrictions of a subject at a time, and when the next of its penalties begins or ends by itself."""
    found: set[str] = set()
    changes: list[datetime] = []
    for row in (one for one in penalty.live(connection, subject_id, at) if not one["on_trial"]):
        if row["starts_at"] > at:
            changes.append(row["starts_at"])
            continue
        found |= restricted(row, rulebooks.policy(connection, row["rulebook"], row["region"]))
        if row["ends_at"] is not None:
            changes.append(row["ends_at"])
    return frozenset(found), min(changes, default=None)


def restricted(row: Mapping[Any, Any], rules: Policy) -> frozenset[str]:
    """What a penalty restricts: what the version says by which it was imposed, or the less that its row says."""
    less: list[str] | None = row["restrictions"]
    return rules.penalties[row["key"]].restrictions if less is None else frozenset(less)
