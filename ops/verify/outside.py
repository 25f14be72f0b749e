"""Was the platform told the restrictions in force? Computed independently of `activities/restrictions.py`."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection

from activities.rulebooks import Rulebooks
from ops.verify.difference import Difference
from store import audit, party
from store.penalty import of_subject


def told(connection: Connection, rulebooks: Rulebooks, now: datetime) -> Iterator[Difference]:
    """Compare what the platform was told with what is in force, for every subject whose courier is not under way."""
    with audit.rows(connection, audit.settled_restrictions()) as rows:
        for row in rows:
            subject = party.subject(connection, row["subject"])
            if subject is None:
                continue
            carried: set[str] = set()
            for penalty in of_subject(connection, subject.id, now, in_force=True).rows:
                rules = rulebooks.policy(connection, penalty["rulebook"], subject.region)
                carried |= rules.penalties[penalty["key"]].restrictions
            if carried != set(row["told"]):
                yield Difference(f"told of {subject.id}", "restrictions", sorted(carried), sorted(row["told"]))
