"""What was in force, what was told, what went wrong? Lists for people, newest first, by keyset pages."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from rulebook.terms import PenaltyKind, SubjectKind
from states.terms import Code, RefusedError
from store import cursor
from store.cursor import Cursor, Page
from store.penalty import in_force
from store.schema.cases import cases
from store.schema.journal import incidents, notices
from store.schema.parties import subjects
from store.schema.scores import ledger, penalties
from store.schema.verdicts import violations

_BEFORE_ALL = 2**62
_NOTICES, _DIGITS = "notices", 6


def penalties_of(
    connection: Connection,
    subject: str,
    *,
    at: datetime,
    kind: PenaltyKind | None = None,
    now: bool | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[sa.RowMapping]:
    """The subject's penalties, numbered from 1; `now` those in force, or those that are not; `before` a number."""
    number = sa.func.row_number().over(order_by=penalties.c.id).label("number")
    own = sa.select(penalties, in_force(at).label("in_force"), number).where(penalties.c.subject == subject).subquery()
    found = sa.select(own).where(own.c.number < (before or _BEFORE_ALL))
    if kind is not None:
        found = found.where(own.c.kind == kind)
    if now is not None:
        found = found.where(own.c.in_force == sa.literal(now))
    return list(connection.execute(found.order_by(own.c.number.desc()).limit(limit)).mappings())


def ledger_of(
    connection: Connection, subject: str, scheme: str, period: str, *, before: int | None = None, limit: int = 50
) -> list[sa.RowMapping]:
    """A score's lines with the clause and severity of their violations; `before` a line's number."""
    found = (
        sa.select(ledger, violations.c.clause, violations.c.severity)
        .outerjoin(violations, violations.c.id == ledger.c.violation)
        .where(ledger.c.subject == subject, ledger.c.scheme == scheme, ledger.c.period == period)
        .where(ledger.c.number < (before or 2**31 - 1))
        .order_by(ledger.c.number.desc())
        .limit(limit)
    )
    return list(connection.execute(found).mappings())


def notices_to(connection: Connection, recipients: list[str], *, after: str | None = None, limit: int = 50) -> Page:
    """A page of what these recipients were told.

    A notice's id counts everybody's. The cursor names the page's last notice by its time, its case, and which it is of
    those that these recipients have of both.

    Raises:
        RefusedError: `invalid`; field `cursor` or `limit`.
    """
    start, most = cursor.read(after, _NOTICES), cursor.size(limit)
    found = sa.select(notices).where(notices.c.recipient.in_(recipients))
    if start is not None:
        which, _, case = start.id.partition("/")
        if not which.isdecimal() or len(which) > _DIGITS:
            raise RefusedError(Code.INVALID, "The cursor is none that was given here.", "cursor")
        same = sa.select(notices.c.id).where(_beside(recipients, case, start.at)).order_by(notices.c.id.desc())
        found = found.where(notices.c.id < same.offset(int(which)).limit(1).scalar_subquery())
    rows = connection.execute(found.order_by(notices.c.id.desc()).limit(most + 1)).mappings().all()
    if len(rows) <= most:
        return Page([dict(row) for row in rows], None)
    last = rows[most - 1]
    newer = sa.select(sa.func.count()).where(
        _beside(recipients, last["case"], last["at"]), notices.c.id > last["id"]
    )  # fmt: skip
    name = f"{connection.execute(newer).scalar()}/{last['case']}"
    return Page([dict(row) for row in rows[:most]], Cursor(_NOTICES, last["at"], name).opaque())


def _beside(recipients: list[str], case: str, at: datetime | None) -> sa.ColumnElement[bool]:
    """The notices of a case and a time."""
    return sa.and_(notices.c.recipient.in_(recipients), notices.c.case == case, notices.c.at == at)


def incidents_before(connection: Connection, before: int | None = None, limit: int = 50) -> list[sa.RowMapping]:
    """What was put before ops; `before` an id."""
    found = sa.select(incidents).where(incidents.c.id < (before or _BEFORE_ALL))
    return list(connection.execute(found.order_by(incidents.c.id.desc()).limit(limit)).mappings())


def content_violations(
    connection: Connection, agency: str, since: datetime, until: datetime
) -> list[tuple[sa.RowMapping, list[str]]]:
    """The violations of the agency's creators in a time, in order, each with the keys of its penalties (`domain` §4.4).

    A row has the violation, and its case's `outcome`, `status`, `rulebook` and `region`.
    """
    found = (
        sa.select(violations, cases.c.outcome, cases.c.status, cases.c.rulebook, cases.c.region)
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
