"""Who gets a case's notices? The people and agencies of a side, and those of the respondent's who may see the score.

Which side is told what, is said where it happens, in `activities/move/effects/`; who may read a notice, in
`states/sight.py`.
"""

from datetime import datetime

from sqlalchemy import Connection

from states.terms import Side
from store import party
from store.case import Case


def of_side(case: Case, side: Side) -> list[str]:
    """The recipients of a side: the filing agency, or else the filer; the respondent, the subject and their agency."""
    if side is case.filed_side:
        return [case.filed_agency or case.filed_by]
    return sorted({case.respondent, case.subject} | ({case.agency} if case.agency else set()))


def of_score(connection: Connection, case: Case, at: datetime) -> list[str]:
    """Who of the respondent's side may see the score: the subject, and the agency where it still manages them."""
    if case.agency is None or case.agency == case.subject:
        return [case.subject]
    managing = party.management(connection, case.subject, at).agency
    return sorted({case.subject} | ({case.agency} if case.agency == managing else set()))
