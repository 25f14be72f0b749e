"""Since when does a score penalty run that comes again, or otherwise, as a version is taken back?

As if the version had never been: since the score came down to its line, as it was booked; or since a version began it
that stays, whose penalty a wave has ended. So what a wave ended and a take-back brings again has not begun anew.
"""

from datetime import datetime

from sqlalchemy import Connection

from activities.timeline import Timeline
from rulebook.scheme import Tier
from store import ledger, penalty
from store.party import Subject


def would_run_since(
    connection: Connection, timeline: Timeline, subject: Subject, score: ledger.Key, tier: Tier
) -> datetime | None:
    """The time, of a tier of the version that governs the subject again; none where nothing has moved the score."""
    since = ledger.down_to(connection, score, tier.highest)
    for rulebook, began, lifted in penalty.lifted_of_score(connection, score, tier.penalty):
        if not timeline.was_released(rulebook, subject):
            by_a_wave = since is None or lifted >= since
            return began if by_a_wave else since
    return since
