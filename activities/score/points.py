"""How many points has a subject's score? Read in the caller's transaction, at a time."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from rulebook import calendar
from rulebook.calendar import LIFE
from rulebook.policy import Policy
from rulebook.scheme import Bounds, ScoreScheme
from rulebook.terms import SubjectKind
from states.terms import Code, RefusedError
from store import ledger, party
from store.party import Subject


@dataclass(frozen=True)
class Score:
    """A score in points, of a period, and the highest that it can be."""

    subject: str
    scheme: str
    period: str
    points: int
    cap: int


def score_of(connection: Connection, subject: Subject, rules: Policy, at: datetime, period: str | None = None) -> Score:
    """The subject's score of a period; without one, of that which `at` is in.

    Raises:
        RefusedError: `not_found`, field `period`: a year of a score that has only `life`, or `life` of one by years.
    """
    scheme = rules.scheme_of(subject.kind)
    current = calendar.period(scheme.period, at, rules.zone)
    asked = period or current
    if asked != current and LIFE in {asked, current}:
        raise RefusedError(Code.NOT_FOUND, "no_score_of_period", "period", name=subject.id, period=asked)
    bounds = bounds_of(connection, scheme, subject, at)
    _, booked = ledger.last(connection, subject.id, scheme.key, asked)
    return Score(subject.id, scheme.key, asked, bounds.start if booked is None else booked, bounds.cap)


def bounds_of(connection: Connection, scheme: ScoreScheme, subject: Subject, at: datetime) -> Bounds:
    """Where the subject's score starts and what it can be at most: of a creator by its class at the time."""
    profile = party.profile(connection, subject.id, at) if subject.kind is SubjectKind.CREATOR else None
    return scheme.bounds_of(profile.creator_class if profile else None)
