"""How a score went: over its year, or the last twelve months of one that has no years; for a picture."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine

from activities.rulebooks import Rulebooks
from activities.score.gains import NextGain, next_gains
from activities.score.points import Score, bounds_of, counting, score_of
from activities.timeline import Timeline
from desk.reading.subject import opened
from rulebook import calendar
from rulebook.calendar import LIFE
from rulebook.policy import Policy
from rulebook.scheme import ScoreScheme
from rulebook.terms import SubjectKind
from states.situation import Actor
from store import ledger
from store.party import Subject

_MONTHS = 12


@dataclass(frozen=True)
class Course:
    """A score from `since` to `until`, both the first instant of a month there.

    `points` are the balances with their times, the first at `since`. `reset` is what it is again at `until`, of a score
    by years. `gain` is what clean days give back next; none where there is nothing to give back.
    """

    score: Score
    rules: Policy
    since: datetime
    until: datetime
    points: list[tuple[datetime, int]]
    reset: int | None
    gain: NextGain | None

    @property
    def scheme(self) -> ScoreScheme:
        """How the score is counted."""
        return self.rules.schemes[self.score.scheme]


class Courses:
    """Reads, in one transaction; nothing is changed, and Temporal is not asked."""

    def __init__(self, engine: Engine, now: Callable[[], datetime], rulebooks: Rulebooks) -> None:
        self._engine = engine
        self._now = now
        self._rulebooks = rulebooks

    def of(self, actor: Actor, subject_id: str, period: str | None = None) -> Course:
        """The course of the current period's score, or of another's.

        Raises:
            RefusedError: `not_found`: the subject or the score is not there, or the actor doesn't see it.
        """
        with opened(self._engine, self._now(), actor, subject_id) as (connection, subject, now):
            timeline = self._rulebooks.timeline(connection)
            rules = counting(timeline, subject, now, period)
            score = score_of(connection, subject, rules, now, period)
            return _course(connection, timeline, subject, score, rules, now)


def _course(
    connection: Connection, timeline: Timeline, subject: Subject, score: Score, rules: Policy, now: datetime
) -> Course:
    scheme, yearly = rules.schemes[score.scheme], score.period != LIFE
    since, until = calendar.year_bounds(score.period, rules.zone) if yearly else _months(rules, now)
    begins = bounds_of(connection, scheme, subject, now).start
    key = score.subject, score.scheme, score.period
    booked = [one for one in ledger.course(connection, key, since, rules.zone) if one[0] < until]
    before = [points for at, points in booked if at < since]
    points = [(since, before[-1] if before else begins), *(one for one in booked if one[0] >= since)]
    gain = None
    if subject.kind is SubjectKind.CREATOR and score.points < score.cap:
        gain = next_gains(connection, timeline, {key: (subject, rules)}, now).get(subject.id)
    return Course(score, rules, since, until, points, begins if yearly else None, gain)


def _months(rules: Policy, now: datetime) -> tuple[datetime, datetime]:
    """The last twelve months, this one with them."""
    until = calendar.next_month(now, rules.zone)
    local = until.astimezone(rules.zone)
    return local.replace(year=local.year - _MONTHS // 12), until
