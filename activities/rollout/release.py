"""What does a subject carry, beside its score's penalties, once a version that was taken back has released it?"""

from datetime import datetime

from sqlalchemy import Connection

from activities.move.brought import judged
from activities.timeline import Timeline
from store import verdict
from store.party import Subject
from store.penalty import Changes


def fit_what_it_brought(
    connection: Connection, timeline: Timeline, subject: Subject, at: datetime, changes: Changes
) -> None:
    """Let what violations brought be what all versions bring that answer for them now (`activities/timeline.py`).

    That by which one was judged may itself have been taken back before, and have followed the one that is.
    """
    for violation in verdict.bringing(connection, subject.id):
        found = judged(connection, timeline, violation, violation["region"], subject)
        if len(found.versions) > 1:
            found.refit(changes, at)
