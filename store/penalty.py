"""Which penalties are in force, and how do they begin and end?"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from rulebook.terms import PenaltyKind
from store import restrictions as standing
from store import seal
from store.schema.scores import penalties

_OF_SCORE = sa.select(penalties.c.id, penalties.c.key).where(
    penalties.c.subject == sa.bindparam("subject"),
    penalties.c.scheme == sa.bindparam("scheme"),
    penalties.c.period == sa.bindparam("period"),
    penalties.c.kind == PenaltyKind.SCORE,
    penalties.c.lifted_at.is_(None),
)
_OF_VIOLATION = sa.select(penalties).where(
    penalties.c.violation == sa.bindparam("violation"), penalties.c.lifted_at.is_(None)
)
_ADDITIONAL = sa.select(penalties).where(
    penalties.c.subject == sa.bindparam("subject"),
    penalties.c.kind == PenaltyKind.ADDITIONAL,
    penalties.c.lifted_at.is_(None),
    sa.or_(penalties.c.ends_at.is_(None), penalties.c.ends_at > sa.bindparam("at")),
)
_LIFT = (
    sa.update(penalties)
    .where(
        penalties.c.id.in_(sa.bindparam("ids", expanding=True)),
        sa.or_(penalties.c.ends_at.is_(None), penalties.c.ends_at > sa.bindparam("at")),
    )
    .values(lifted_at=sa.func.greatest(sa.bindparam("at"), penalties.c.starts_at))
    .returning(*penalties.c)
)


def impose(connection: Connection, *, restricts: bool, **values: Any) -> None:
    """Begin a penalty; if it restricts anything, note that the platform must be told. `values` are the columns."""
    seal.insert(connection, penalties, values)
    if restricts:
        standing.stir(connection, values["subject"])


def of_subject(
    connection: Connection,
    subject: str,
    at: datetime,
    *,
    kind: PenaltyKind | None = None,
    in_force: bool | None = None,
    before: int | None = None,
    limit: int | None = None,
) -> list[sa.RowMapping]:
    """The subject's penalties, newest first; `in_force` at the time, or those that are not; `before` a number.

    Each has a `number`, counted from 1 among the subject's own. Its id counts everybody's, and is not given.
    """
    number = sa.func.row_number().over(order_by=penalties.c.id).label("number")
    columns = [column for column in penalties.c if column is not penalties.c.id]
    own = sa.select(*columns, _runs(at).label("in_force"), number).where(penalties.c.subject == subject).subquery()
    found = sa.select(own).order_by(own.c.number.desc()).limit(limit)
    if before is not None:
        found = found.where(own.c.number < before)
    if kind is not None:
        found = found.where(own.c.kind == kind)
    if in_force is not None:
        found = found.where(own.c.in_force == sa.literal(in_force))
    return list(connection.execute(found).mappings())


def _runs(at: datetime) -> sa.ColumnElement[bool]:
    """The filter of penalties in force at a time: from their start until their end or their lifting."""
    return sa.and_(
        penalties.c.starts_at <= at,
        sa.or_(penalties.c.ends_at.is_(None), penalties.c.ends_at > at),
        sa.or_(penalties.c.lifted_at.is_(None), penalties.c.lifted_at > at),
    )


def of_score(connection: Connection, subject: str, scheme: str, period: str) -> dict[str, int]:
    """The score penalties of a period that are not lifted: their ids by key."""
    rows = connection.execute(_OF_SCORE, {"subject": subject, "scheme": scheme, "period": period})
    return {row.key: row.id for row in rows}


def of_violation(connection: Connection, violation: str) -> list[sa.RowMapping]:
    """The base and additional penalties that a violation brought and that are not lifted."""
    return list(connection.execute(_OF_VIOLATION, {"violation": violation}).mappings())


def additional(connection: Connection, agency: str, at: datetime) -> list[sa.RowMapping]:
    """The agency's additional penalties that were not lifted and have not run out."""
    return list(connection.execute(_ADDITIONAL, {"subject": agency, "at": at}).mappings())


def lift(connection: Connection, penalty_ids: list[int], at: datetime) -> Sequence[sa.RowMapping]:
    """End penalties before their time, and give their rows; those that have run out already stay as they were."""
    if not penalty_ids:
        return []
    lifted = connection.execute(_LIFT, {"ids": penalty_ids, "at": at}).mappings().all()
    seal.note(connection, penalties, lifted)
    for subject in {row["subject"] for row in lifted}:
        standing.stir_again(connection, subject)
    return lifted
