"""What is stuck by its rows: what they say should have been done, and was not."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection

from activities.rulebooks import Rulebooks
from ops.stuck.terms import Stuck, Thing, Trouble, Whose
from ops.verify.outside import mistold
from store import lag, wake


def by_rows(connection: Connection, at: datetime, rulebooks: Rulebooks | None = None) -> Iterator[Stuck]:
    """What is behind at a time; with rulebooks also of whom the platform was told something else than is in force."""
    for row in lag.of_cases(connection, wake.behind(connection, at), at):
        trouble = Trouble.OVERDUE if row["overdue"] else Trouble.UNREAD
        yield Stuck(Thing(Whose.CASE, row["id"]), trouble, row["deadline_at"] if row["overdue"] else row["moved_at"])
    for row in lag.of_subjects(connection, at - wake.OVERDUE):
        yield Stuck(Thing(Whose.SUBJECT, row["subject"]), Trouble(row["trouble"]), row["since"])
    late = set(wake.receivers_late(connection, at))
    for row in lag.undelivered(connection):
        if row["id"] in late:
            yield Stuck(Thing(Whose.RECEIVER, row["id"]), Trouble.OVERDUE, row["next_at"], waiting=row["count"])
        elif row["attempts"]:
            thing = Thing(Whose.RECEIVER, row["id"])
            yield Stuck(thing, Trouble.UNDELIVERED, row["since"], repair=None, waiting=row["count"])
    for row in lag.of_versions(connection, at - wake.OVERDUE):
        trouble, thing = Trouble(row["trouble"]), Thing(Whose.VERSION, row["digest"])
        by_others = trouble in {Trouble.HALTED, Trouble.FAILING}
        yield Stuck(thing, trouble, row["since"], **{"repair": None} if by_others else {})
    for subject, _, _ in mistold(connection, rulebooks, at) if rulebooks else ():
        yield Stuck(Thing(Whose.SUBJECT, subject), Trouble.MISTOLD, lag.changed(connection, subject, at))
