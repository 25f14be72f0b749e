"""How far is a creator from the next points that clean days give back? (`docs/domain.md` §3.4).

A day counts by the version of that day, as where gains are booked (`activities/score/pricing.py`): what only a version
forbade that is taken back spoils none.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from activities.score.pricing import recovery_of, spared
from activities.timeline import Timeline
from rulebook import recovery
from rulebook.calendar import local_day
from rulebook.policy import Policy
from store import ledger
from store.party import Subject


class NextGain(NamedTuple):
    """So many more clean days give back so many points."""

    days: int
    points: int


def next_gains(
    connection: Connection,
    timeline: Timeline,
    creators: Mapping[ledger.Key, tuple[Subject, Policy]],
    at: datetime,
) -> dict[str, NextGain]:
    """By name, of those to whom clean days give points now; `creators` are scores with the rules that govern them."""
    of_day = {subject.id: timeline.of_day(subject, rules) for subject, rules in creators.values()}
    now = {one.id: recovery_of(of_day[one.id](local_day(at, rules.zone)), one.kind) for one, rules in creators.values()}
    asked = {key: rules.zone for key, (subject, rules) in creators.items() if now[subject.id]}
    subjects, clean = {subject.id: subject for subject, _ in creators.values()}, Counter[str]()
    for row in ledger.since_gain(connection, asked) if asked else ():
        subject = subjects[row.subject]
        its = recovery_of(of_day[subject.id](row.day), subject.kind)
        if its is not None and row.hours >= its.hours and not _spoiled(timeline, subject, row.violations):
            clean[subject.id] += 1
    return {
        name: NextGain(recovery.missing(clean[name], one), one.points) for name, one in now.items() if one is not None
    }


def _spoiled(timeline: Timeline, subject: Subject, violations: list[list[str]]) -> bool:
    """Whether one of a day's violations counts, each by the version that judged it, and its clause."""
    return any(not spared(timeline.answering(version, subject), clause, subject.kind) for version, clause in violations)
