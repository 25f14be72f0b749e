"""Which violations did an agency's creators commit in a month, and with which penalties (`docs/domain.md` §4.4)?"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from rulebook.terms import PenaltyKind, SubjectKind
from store.schema.cases import cases
from store.schema.parties import subjects
from store.schema.scores import penalties
from store.schema.verdicts import violations


def of_agency(
    connection: Connection, agency: str, since: datetime, until: datetime
) -> list[tuple[sa.RowMapping, list[str]]]:
    """The violations of the agency's creators from `since` to before `until`, in order, each with its penalties' keys.

    A row has the violation, and its case's `outcome`, `status` and `region`.
    """
    found = (
        sa.select(violations, cases.c.outcome, cases.c.status, cases.c.region)
        .join(cases, cases.c.id == violations.c.case)
        .join(subjects, subjects.c.id == violations.c.subject)
        .where(violations.c.agency == agency, subjects.c.kind == SubjectKind.CREATOR)
        .where(violations.c.occurred_at >= since, violations.c.occurred_at < until)
        .order_by(violations.c.occurred_at, violations.c.number)
    )
    rows = list(connection.execute(found).mappings())
    of = sa.select(penalties).where(penalties.c.case.in_([row["case"] for row in rows])).order_by(penalties.c.id)
    brought = connection.execute(of).mappings().all()
    return [(row, [one["key"] for one in brought if _brought_by(row, one)]) for row in rows]


def _brought_by(violation: sa.RowMapping, penalty: sa.RowMapping) -> bool:
    """Whether the creator's violation brought the penalty: to the creator, or as a repetition to the agency."""
    if violation["case"] != penalty["case"]:
        return False
    return penalty["kind"] == PenaltyKind.ADDITIONAL or bool(penalty["subject"] == violation["subject"])
