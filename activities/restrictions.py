"""Which restrictions are in force for a subject, by the rulebooks that its penalties keep?"""

from datetime import datetime

from sqlalchemy import Connection

from activities.rulebooks import Rulebooks
from store import penalty


def in_force(
    connection: Connection, rulebooks: Rulebooks, subject_id: str, at: datetime
) -> tuple[frozenset[str], datetime | None]:
    """The restrictions of a subject at a time, and when the next of its penalties begins or ends by itself."""
    found: set[str] = set()
    changes: list[datetime] = []
    for row in penalty.live(connection, subject_id, at):
        if row["starts_at"] > at:
            changes.append(row["starts_at"])
            continue
        found |= rulebooks.policy(connection, row["rulebook"], row["region"]).penalties[row["key"]].restrictions
        if row["ends_at"] is not None:
            changes.append(row["ends_at"])
    return frozenset(found), min(changes, default=None)
