"""How many points has a subject's score? Read in the caller's transaction, at a time."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from activities.timeline import Timeline
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
    """A score in points, of a period, and the highest that it can be; `on_trial` nothing follows from it."""

    subject: str
    scheme: str
    period: str
    points: int
    cap: int
    on_trial: bool = False


def score_of(
    connection: Connection,
    subject: Subject,
    rules: Policy,
    at: datetime,
    period: str | None = None,
    *,
    until: datetime | None = None,
) -> Score:
    """The subject's score of a period; without one, of that which `at` is in. `until` counts what was booked by then.

    Raises:
        RefusedError: `not_found`, field `period`: a year of a score that has only `life`, or `life` of one by years;
            without a field: the region counts no score of its kind.
    """
    scheme = rules.scheme_of(subject.kind)
    if scheme is None:
        raise RefusedError(Code.NOT_FOUND, "no_score", name=subject.id, region=subject.region)
    current = calendar.period(scheme.period, at, rules.zone)
    asked = period or current
    if asked != current and LIFE in {asked, current}:
        raise _no_score_of(subject, asked)
    bounds = bounds_of(connection, scheme, subject, at)
    _, booked = ledger.last(connection, subject.id, scheme.key, asked, until)
    points = bounds.start if booked is None else booked
    return Score(subject.id, scheme.key, asked, points, bounds.cap, on_trial=not scheme.enforced)


def counting(timeline: Timeline, subject: Subject, at: datetime, period: str | None = None) -> Policy:
    """The rules that count the subject's score: of a period that is over, those that governed it at its end.

    Raises:
        RefusedError: `not_found`, field `period`: no rules were in force there then.
    """
    _, rules = timeline.governing(subject, at)
    scheme = rules.scheme_of(subject.kind)
    current = calendar.period(scheme.period, at, rules.zone) if scheme else None
    if period is None or current is None or LIFE in {period, current} or period >= current:
        return rules
    try:
        return timeline.of_period(subject, period, at)[1]
    except (LookupError, OverflowError):
        raise _no_score_of(subject, period) from None


def bounds_of(connection: Connection, scheme: ScoreScheme, subject: Subject, at: datetime) -> Bounds:
    """Where the subject's score starts and what it can be at most: of a creator by its class at the time."""
    profile = party.profile(connection, subject.id, at) if subject.kind is SubjectKind.CREATOR else None
    return scheme.bounds_of(profile.creator_class if profile else None)


def _no_score_of(subject: Subject, period: str) -> RefusedError:
    return RefusedError(Code.NOT_FOUND, "no_score_of_period", "period", name=subject.id, period=period)
