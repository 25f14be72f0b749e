"""What does a subject no longer carry, once a version that was taken back has released it?"""

from datetime import datetime

from sqlalchemy import Connection

from activities.move.triggers import owed
from activities.timeline import Timeline
from rulebook.terms import PenaltyKind
from store import penalty, verdict
from store.party import Subject
from store.penalty import Changes
from store.timeline import Dated


def lift_what_it_brought(
    connection: Connection, timeline: Timeline, subject: Subject, dated: Dated, at: datetime, changes: Changes
) -> None:
    """Lift the base and additional penalties that the version brought and the one that it followed would not."""
    answering, gone = timeline.answering(dated.digest, subject), list[int]()
    for row in penalty.live(connection, subject.id, at):
        if row["rulebook"] == dated.digest and row["kind"] != PenaltyKind.SCORE:
            violation = verdict.violation(connection, row["violation"])
            if row["key"] not in {terms.key for terms in owed(connection, answering, violation, subject.id)}:
                gone.append(row["id"])
    penalty.lift(connection, changes, gone, at)
