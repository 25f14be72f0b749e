"""How many points has somebody, and how many reports are left? Counted in the caller's transaction, at a time."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from activities.books import Books
from rulebook import calendar
from rulebook.calendar import LIFE
from rulebook.policy import Policy
from rulebook.terms import SubjectKind
from states.terms import Code, RefusedError
from store import ledger, party, policy, quota
from store.party import Subject


@dataclass(frozen=True)
class Score:
    """A score in points, of a period, and the highest that it can be."""

    subject: str
    scheme: str
    period: str
    points: int
    cap: int


@dataclass(frozen=True)
class Quota:
    """The reports that an agency has left in a month, and when the next month opens."""

    agency: str
    month: str
    limit: int
    left: int
    opens_at: datetime


def rules_of(connection: Connection, books: Books, subject: Subject, at: datetime) -> Policy:
    """The rules that are in force for the subject at a time.

    Raises:
        RefusedError: `not_found`; none were.
    """
    digest = policy.in_force(connection, at)
    if digest is None:
        raise nobody(subject.id)
    return books.policy(connection, digest, subject.region)


def score_of(connection: Connection, subject: Subject, rules: Policy, at: datetime, period: str | None = None) -> Score:
    """The subject's score of a period; without one, of that which `at` is in.

    Raises:
        RefusedError: `not_found`, field `period`: one of years asked for life, or the other way.
    """
    scheme = rules.scheme_of(subject.kind)
    current = calendar.period(scheme.period, at, rules.zone)
    asked = period or current
    if asked != current and LIFE in {asked, current}:
        raise RefusedError(Code.NOT_FOUND, f"{subject.id} has no score of the period {asked}.", "period")
    profile = party.profile(connection, subject.id, at) if subject.kind is SubjectKind.CREATOR else None
    bounds = scheme.bounds_of(profile.creator_class if profile else None)
    _, booked = ledger.last(connection, subject.id, scheme.key, asked)
    return Score(subject.id, scheme.key, asked, bounds.start if booked is None else booked, bounds.cap)


def quota_of(connection: Connection, subject: Subject, rules: Policy, at: datetime) -> Quota:
    """What is left of an agency's reports in the month that `at` is in.

    Raises:
        RefusedError: `not_found`, field `agency`: it is none.
    """
    must_be_agency(subject)
    month = calendar.month(at, rules.zone)
    used = len(quota.taken(connection, subject.id, month))
    limit = rules.procedure.reports_quota_per_month
    return Quota(subject.id, month, limit, max(limit - used, 0), calendar.next_month(at, rules.zone))


def must_be_agency(subject: Subject) -> None:
    """Refuse a creator.

    Raises:
        RefusedError: `not_found`, field `agency`.
    """
    if subject.kind is not SubjectKind.AGENCY:
        raise RefusedError(Code.NOT_FOUND, f"There is no agency {subject.id}.", "agency")


def subject_of(connection: Connection, subject_id: str) -> Subject:
    """The subject.

    Raises:
        RefusedError: `not_found`.
    """
    subject = party.subject(connection, subject_id)
    if subject is None:
        raise nobody(subject_id)
    return subject


def nobody(subject_id: str) -> RefusedError:
    """The refusal of a subject that is not there, or not to be seen."""
    return RefusedError(Code.NOT_FOUND, f"There is no agency or creator {subject_id}.", "subject")
