"""What was written by a time? The journal of a case and of those that it may depend on; penalties as they then were."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from store import case as cases
from store.case import Case
from store.penalty import counted_at, in_force_at
from store.schema.cases import cases as rows
from store.schema.journal import journal, records
from store.schema.metadata import Instant
from store.schema.scores import penalties

_AT = sa.bindparam("at", type_=Instant)
# A report, the closed ones that it files again, and the appeals of all of them.
_FAMILY = sa.text("""
WITH RECURSIVE reports (id) AS (
  SELECT coalesce(of_case, id) FROM cases WHERE id = :case_id
  UNION SELECT cases.again FROM cases JOIN reports ON cases.id = reports.id WHERE cases.again IS NOT NULL)
SELECT id FROM cases WHERE id IN (SELECT id FROM reports) OR of_case IN (SELECT id FROM reports)
""")
_LINES = (
    sa.select(journal)
    .where(journal.c.case.in_(sa.bindparam("ids", expanding=True)), journal.c.at <= _AT)
    .order_by(journal.c.number)
)
_NAME = sa.func.concat("penalties/", penalties.c.id)
# A penalty that came instead of another runs since a time before it was imposed (ruling 7). Of an older release the row
# doesn't say when that was: the chains of the cases that concern its subject do, or that of the rulebook, where a
# version that is taken back brought it; its score penalties all began when they were imposed.
_BY_A_CASE = sa.exists(
    sa.select(sa.literal(1))
    .select_from(journal.join(rows, rows.c.id == journal.c.case))
    .where(
        sa.or_(rows.c.respondent == penalties.c.subject, rows.c.agency == penalties.c.subject),
        journal.c.at >= penalties.c.starts_at,
        journal.c.at <= _AT,
        sa.func.jsonb_exists(journal.c.rows, _NAME),
    )
)
_BY_A_VERSION = sa.exists(
    sa.select(sa.literal(1)).where(
        records.c.topic.startswith("rulebook/"),
        records.c.at >= penalties.c.starts_at,
        records.c.at <= _AT,
        sa.func.jsonb_exists(records.c.rows, _NAME),
    )
)
_NUMBERED = (
    sa.select(penalties, sa.func.row_number().over(order_by=penalties.c.id).label("number"))
    .where(penalties.c.subject == sa.bindparam("subject_id"))
    .subquery()
)
_PENALTIES = (
    sa.select(_NUMBERED)
    .join(penalties, penalties.c.id == _NUMBERED.c.id)
    .where(sa.func.coalesce(penalties.c.imposed_at, penalties.c.starts_at) <= _AT)
    .where(sa.or_(penalties.c.violation.is_(None), penalties.c.imposed_at.is_not(None), _BY_A_CASE, _BY_A_VERSION))
    .order_by(_NUMBERED.c.number.desc())
)
_IN_FORCE, _COUNTED = _PENALTIES.where(in_force_at(_AT)), _PENALTIES.where(counted_at(_AT))


def family(connection: Connection, case_id: str, at: datetime) -> tuple[list[Case], Sequence[sa.RowMapping]]:
    """The case with those by which it may have been changed, as they now are, and their journal up to a time."""
    ids = list(connection.execute(_FAMILY, {"case_id": case_id}).scalars())
    lines = connection.execute(_LINES, {"ids": ids, "at": at}).mappings().all()
    return cases.several(connection, ids), lines


def in_force(connection: Connection, subject: str, at: datetime) -> list[dict[str, Any]]:
    """The penalties that were in force at a time by what was written then, newest first.

    They have the columns of `store/penalty.py`'s pages; what was done to them later is not there.
    """
    return _written(connection, _IN_FORCE, subject, at)


def counted(connection: Connection, subject: str, at: datetime) -> list[dict[str, Any]]:
    """The same of those on trial that would have been in force."""
    return _written(connection, _COUNTED, subject, at)


def _written(connection: Connection, which: sa.Select[Any], subject: str, at: datetime) -> list[dict[str, Any]]:
    found = connection.execute(which, {"subject_id": subject, "at": at}).mappings()
    later = {"lifted_at": None, "armed_at": None, "in_force": which is _IN_FORCE, "counted": which is _COUNTED}
    return [{name: value for name, value in row.items() if name != "id"} | later for row in found]
