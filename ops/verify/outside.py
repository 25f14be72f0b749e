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
    for subject, carried, known in mistold(connection, rulebooks, now):
        yield Difference(f"told of {subject}", "restrictions", carried, known)


def mistold(connection: Connection, rulebooks: Rulebooks, now: datetime) -> Iterator[tuple[str, list[str], list[str]]]:
    """Of whom the platform was told something else: the subject, the restrictions in force, and those told."""
    with audit.rows(connection, audit.settled_restrictions()) as rows:
        for row in rows:
            subject = party.subject(connection, row["subject"])
            if subject is None:
                continue
            carried: set[str] = set()
            for penalty in of_subject(connection, subject.id, now, in_force=True).rows:
                rules = rulebooks.policy(connection, penalty["rulebook"], subject.region)
                less = penalty["restrictions"]
                carried |= rules.penalties[penalty["key"]].restrictions if less is None else {*less}
            if carried != set(row["told"]):
                yield subject.id, sorted(carried), sorted(row["told"])
