"""How are verdicts and violations recorded?"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from rulebook.terms import Severity
from states.terms import Finding
from store import seal
from store.schema.verdicts import Standing, verdicts, violations

_LAST = (
    sa.select(verdicts)
    .where(verdicts.c.case == sa.bindparam("case_id"))
    .order_by(verdicts.c.number.desc())
    .limit(1)
)  # fmt: skip
_VIOLATION = sa.select(violations).where(violations.c.id == sa.bindparam("violation"))
_PRICED = (
    sa.select(violations)
    .where(
        violations.c.subject == sa.bindparam("subject"),
        violations.c.scheme == sa.bindparam("scheme"),
        violations.c.period == sa.bindparam("period"),
        sa.or_(violations.c.stands, violations.c.price != 0),
    )
    .order_by(violations.c.occurred_at, violations.c.number)
)
_STANDING_NEAR = (
    sa.select(violations)
    .where(
        violations.c.agency == sa.bindparam("agency"),
        violations.c.occurred_at >= sa.bindparam("start"),
        violations.c.occurred_at < sa.bindparam("end"),
        violations.c.number <= sa.bindparam("number"),
        violations.c.stands,
    )
    .order_by(violations.c.occurred_at, violations.c.number)
)


@dataclass(frozen=True)
class Verdict:
    """A verdict's row, as far as later moves need it."""

    id: str
    number: int
    standing: Standing
    finding: Finding
    clause: str
    severity: Severity | None
    extra: int
    reasons: str
    decided_by: str


def last(connection: Connection, case_id: str) -> Verdict | None:
    """The case's latest verdict."""
    row = connection.execute(_LAST, {"case_id": case_id}).one_or_none()
    if row is None:
        return None
    severity = Severity(row.severity) if row.severity else None
    standing, finding = Standing(row.standing), Finding(row.finding)
    return Verdict(row.id, row.number, standing, finding, row.clause, severity, row.extra, row.reasons, row.decided_by)


def write(connection: Connection, values: dict[str, Any]) -> None:
    """Record a new verdict; `values` are the table's columns."""
    seal.insert(connection, verdicts, values)


def change(connection: Connection, verdict_id: str, **values: object) -> None:
    """Record a second vote, a lapse, or what an appeal made of the verdict."""
    seal.update(connection, verdicts, verdicts.c.id == verdict_id, **values)


def charge(connection: Connection, values: dict[str, Any]) -> None:
    """Record a violation; `values` are the table's columns."""
    seal.insert(connection, violations, values)


def violation(connection: Connection, violation_id: str) -> sa.RowMapping:
    """A violation's row."""
    return connection.execute(_VIOLATION, {"violation": violation_id}).mappings().one()


def change_violation(connection: Connection, violation_id: str, **values: object) -> None:
    """Record that a violation fell, became milder, or has another price."""
    seal.update(connection, violations, violations.c.id == violation_id, **values)


def priced(connection: Connection, subject: str, scheme: str, period: str) -> list[sa.RowMapping]:
    """The violations that stand in a score's period, and those that fell but still have a price; in their order."""
    key = {"subject": subject, "scheme": scheme, "period": period}
    return list(connection.execute(_PRICED, key).mappings())


def standing_near(connection: Connection, row: sa.RowMapping, start: datetime, end: datetime) -> list[sa.RowMapping]:
    """The agency's violations of that time that stand, decided no later than this one; in order of occurrence."""
    key = {"agency": row["agency"], "number": row["number"], "start": start, "end": end}
    return list(connection.execute(_STANDING_NEAR, key).mappings())
