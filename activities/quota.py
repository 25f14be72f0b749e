"""How many reports has an agency left? Counted in the caller's transaction, at a time (`domain.md` §4.1)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from rulebook import calendar
from rulebook.policy import Policy
from rulebook.terms import SubjectKind
from states.terms import Code, RefusedError
from store import quota
from store.party import Subject


@dataclass(frozen=True)
class Quota:
    """The reports that an agency has left in a month, and when the next month opens."""

    agency: str
    month: str
    limit: int
    left: int
    opens_at: datetime


def quota_of(connection: Connection, subject: Subject, rules: Policy, at: datetime) -> Quota:
    """How many reports an agency has left in the local month that `at` is in.

    Raises:
        RefusedError: `not_found`, field `agency`: it is none.
    """
    must_be_agency(subject)
    return quota_by(lambda month: quota.taken(connection, subject.id, month), subject.id, rules, at)


def quota_by(taken: Callable[[str], set[int]], agency: str, rules: Policy, at: datetime) -> Quota:
    """What is left of the month that `at` is in; `taken` gives the slots in use of a month, in the agency's zone."""
    month, limit = calendar.month(at, rules.zone), rules.procedure.reports_quota_per_month
    return Quota(agency, month, limit, max(limit - len(taken(month)), 0), calendar.next_month(at, rules.zone))


def must_be_agency(subject: Subject) -> None:
    """Refuse a creator.

    Raises:
        RefusedError: `not_found`, field `agency`.
    """
    if subject.kind is not SubjectKind.AGENCY:
        raise RefusedError(Code.NOT_FOUND, "no_agency", "agency", name=subject.id)
