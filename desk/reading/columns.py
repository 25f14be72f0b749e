"""Which columns of a case does its reader get? One table by audience, for a case and for a list of cases.

Their shape over HTTP is in `desk/api/shapes/case.py`, where `of_case` is called `of`.
"""

from desk.reading.redaction import Reader
from states.situation import Actor
from states.terms import STAFF, Role, Side
from store.case import Case

# fmt: off
_LISTED        = ("id", "kind", "stage", "status", "outcome", "version", "clause", "region", "filed_at", "respondent",
                  "about", "of_case")
_LISTED_STAFF  = (*_LISTED, "language", "severity", "priority", "escalated", "review_due_at", "deadline_at",
                  "claimed_by")
_OPENED        = ("id", "kind", "status", "outcome", "clause", "region", "language", "filed_at", "respondent", "about",
                  "occurred_at", "finding", "asked", "window_ends_at", "of_case", "version")
_OPENED_STAFF  = (*_OPENED, "severity", "priority", "rulebook", "filed_agency", "subject", "agency", "agent",
                  "claimed_by", "escalated", "deadline_at", "lease_until", "review_due_at", "answer_due_at", "barred",
                  "reference")
# What the platform said of it when it reported.
_FED           = ("severity", "reference")
# fmt: on
_PARTIES = frozenset({Reader.REPORTER, Reader.RESPONDENT})


def listed(actor: Actor) -> tuple[str, ...]:
    """The columns of a case in a list."""
    return _LISTED_STAFF if actor.role in STAFF else _LISTED


def opened(case: Case, who: Reader) -> tuple[str, ...]:
    """The columns of a case that was opened."""
    if who not in _PARTIES:
        return _OPENED_STAFF
    # A report's language, which its appeal has too, may be the reporter's choice, and so tell who reported.
    hidden = {"language"} if who is Reader.RESPONDENT else set()
    asked = ("answer_due_at",) if case.asked is Side(who.value) else ()
    fed = _FED if who is Reader.REPORTER and case.filed_role is Role.PLATFORM else ()
    return (*(name for name in _OPENED if name not in hidden), *asked, *fed)


def deadlines(case: Case, who: Reader) -> frozenset[str]:
    """The deadlines of a case that its reader gets: staff all, a party those of its columns."""
    every = frozenset(case.dues())
    return every & frozenset(opened(case, who)) if who in _PARTIES else every
