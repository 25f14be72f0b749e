"""Who is told of a case? Its sides, and those of the respondent's who are told the score."""

from datetime import datetime

from sqlalchemy import Connection

from states.terms import Side
from store import party
from store.case import Case


def of_side(case: Case, side: Side) -> list[str]:
    """Who hears for a side: who filed, by agency where there is one; the respondent, and the agency concerned."""
    if side is case.filed_side:
        return [case.filed_agency or case.filed_by]
    return sorted({case.respondent, case.subject} | ({case.agency} if case.agency else set()))


def of_score(connection: Connection, case: Case, at: datetime) -> list[str]:
    """Who of the respondent's side is told the score: whose it is, and the agency that still manages them."""
    if case.agency is None or case.agency == case.subject:
        return [case.subject]
    managing = party.management(connection, case.subject, at).agency
    return sorted({case.subject} | ({case.agency} if case.agency == managing else set()))
