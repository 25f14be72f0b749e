"""What does a subject no longer carry, once a version that was taken back has released it?"""

from datetime import datetime

from sqlalchemy import Connection

from activities.move.triggers import owed
from activities.timeline import Timeline
from rulebook.terms import PenaltyKind
from store import penalty, verdict
from store.party import Subject
from store.penalty import Changes


def lift_what_it_brought(
    connection: Connection, timeline: Timeline, subject: Subject, at: datetime, changes: Changes
) -> None:
    """Lift the base and additional penalties that a version brought and one that answers for it now would not.

    Such a version may itself have been taken back before, and have followed the one that is.
    """
    gone = list[int]()
    for row in penalty.live(connection, subject.id, at):
        answering = timeline.answering(row["rulebook"], subject)
        if len(answering) > 1 and row["kind"] != PenaltyKind.SCORE:
            violation = verdict.violation(connection, row["violation"])
            if row["key"] not in {terms.key for terms in owed(connection, answering, violation, subject.id)}:
                gone.append(row["id"])
    penalty.lift(connection, changes, gone, at)
