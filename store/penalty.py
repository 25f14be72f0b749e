"""Which penalties are in force, and how do they begin and end?"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from rulebook.terms import PenaltyKind
from store import cursor, restrictions, seal
from store.cursor import Page
from store.schema.metadata import Instant
from store.schema.parties import subjects
from store.schema.scores import penalties


def _not_over(at: Any) -> sa.ColumnElement[bool]:
    """The filter of penalties that have not run out at a time."""
    return sa.or_(penalties.c.ends_at.is_(None), penalties.c.ends_at > at)


def in_force_at(at: datetime | sa.BindParameter[datetime]) -> sa.ColumnElement[bool]:
    """The filter of penalties in force at a time: from their start until their end or their lifting."""
    return sa.and_(
        penalties.c.starts_at <= at,
        _not_over(at),
        sa.or_(penalties.c.lifted_at.is_(None), penalties.c.lifted_at > at),
    )


_OF_SCORE = sa.select(penalties.c.id, penalties.c.key, penalties.c.rulebook, penalties.c.ends_at).where(
    penalties.c.subject == sa.bindparam("subject"),
    penalties.c.scheme == sa.bindparam("scheme"),
    penalties.c.period == sa.bindparam("period"),
    penalties.c.kind == PenaltyKind.SCORE,
    penalties.c.lifted_at.is_(None),
    penalties.c.armed_at.is_(None),
)
_OF_VIOLATION = sa.select(penalties).where(
    penalties.c.violation == sa.bindparam("violation"), penalties.c.lifted_at.is_(None)
)
_ADDITIONAL = (
    sa.select(penalties)
    .where(
        penalties.c.subject == sa.bindparam("subject"),
        penalties.c.kind == PenaltyKind.ADDITIONAL,
        penalties.c.lifted_at.is_(None),
    )
    .order_by(penalties.c.id)
)
_LIVE = (
    sa.select(penalties, subjects.c.region)
    .join(subjects, subjects.c.id == penalties.c.subject)
    .where(penalties.c.subject == sa.bindparam("subject"), penalties.c.lifted_at.is_(None))
    .where(_not_over(sa.bindparam("at")))
)
_LIFT = (
    sa.update(penalties)
    .where(
        penalties.c.id.in_(sa.bindparam("ids", expanding=True)),
        _not_over(sa.bindparam("at")),
    )
    .values(lifted_at=sa.func.greatest(sa.bindparam("at"), penalties.c.starts_at))
    .returning(*penalties.c)
)

_NUMBERED = (
    sa.select(
        *(column for column in penalties.c if column is not penalties.c.id),
        in_force_at(sa.bindparam("at", type_=Instant)).label("in_force"),
        sa.func.row_number().over(order_by=penalties.c.id).label("number"),
    )
    .where(penalties.c.subject == sa.bindparam("subject_id"))
    .subquery()
)


class Standing(NamedTuple):
    """A score penalty that the score still carries, and the digest of the version by which it was imposed.

    It may have run its time (`over`): then the score has not been above its line since.
    """

    id: int
    key: str
    rulebook: str
    ends_at: datetime | None

    def over(self, at: datetime) -> bool:
        """Whether it has run its time."""
        return self.ends_at is not None and self.ends_at <= at


@dataclass
class Changes:
    """The penalties that a transaction has written, as they now are, and the subjects whose courier must look."""

    rows: dict[int, sa.RowMapping] = field(default_factory=dict)
    to_tell: set[str] = field(default_factory=set)

    def written(self) -> list[sa.RowMapping]:
        """The rows, in the order in which the penalties began."""
        return [self.rows[number] for number in sorted(self.rows)]

    def of(self, subject: str) -> list[sa.RowMapping]:
        """The rows of a subject's penalties."""
        return [row for row in self.written() if row["subject"] == subject]


def impose(connection: Connection, changes: Changes, *, restricts: bool, **values: Any) -> None:
    """Begin a penalty; if it restricts anything, the platform must be told. `values` are the columns."""
    changes.rows |= {row["id"]: row for row in seal.insert(connection, penalties, values)}
    if restricts:
        restrictions.stir(connection, values["subject"])
        changes.to_tell.add(values["subject"])


def of_subject(
    connection: Connection,
    subject: str,
    at: datetime,
    *,
    kind: PenaltyKind | None = None,
    in_force: bool | None = None,
    after: str | None = None,
    limit: int | None = None,
) -> Page:
    """A page of the subject's penalties, newest first; `in_force` at the time, or those that are not; no limit: all.

    Each has a `number`, counted from 1 among the subject's own. Its id counts everybody's, and is not given.

    Raises:
        RefusedError: `invalid`; field `cursor` or `limit`.
    """
    found = sa.select(_NUMBERED)
    if kind is not None:
        found = found.where(_NUMBERED.c.kind == kind)
    if in_force is not None:
        found = found.where(_NUMBERED.c.in_force == sa.literal(in_force))
    return cursor.highest_first(connection, found, _NUMBERED.c.number, after, limit, {"subject_id": subject, "at": at})


def of_score(connection: Connection, subject: str, scheme: str, period: str) -> list[Standing]:
    """The score penalties of a period that the score carries: neither lifted nor armed again."""
    rows = connection.execute(_OF_SCORE, {"subject": subject, "scheme": scheme, "period": period})
    return [Standing(*row) for row in rows]


def of_violation(connection: Connection, violation: str) -> list[sa.RowMapping]:
    """The base and additional penalties that a violation brought and that are not lifted."""
    return list(connection.execute(_OF_VIOLATION, {"violation": violation}).mappings())


def live(connection: Connection, subject: str, at: datetime) -> list[sa.RowMapping]:
    """The subject's penalties that are in force, or will be, each with the subject's `region`."""
    return list(connection.execute(_LIVE, {"subject": subject, "at": at}).mappings())


def additional(connection: Connection, subject: str) -> list[sa.RowMapping]:
    """The subject's additional penalties that were not lifted, also those that have run out."""
    return list(connection.execute(_ADDITIONAL, {"subject": subject}).mappings())


def arm_again(connection: Connection, penalty_ids: list[int], at: datetime) -> None:
    """Note that the score has risen above the line of penalties that had run their time: they may come again."""
    for penalty_id in penalty_ids:
        seal.update(connection, penalties, {"id": penalty_id}, armed_at=at)


def lift(connection: Connection, changes: Changes, penalty_ids: list[int], at: datetime) -> Sequence[sa.RowMapping]:
    """End penalties before their time, and give their rows; those that have run out already stay as they were."""
    if not penalty_ids:
        return []
    lifted = connection.execute(_LIFT, {"ids": penalty_ids, "at": at}).mappings().all()
    seal.note(connection, penalties, lifted)
    changes.rows |= {row["id"]: row for row in lifted}
    for subject in {row["subject"] for row in lifted}:
        if restrictions.stir_again(connection, subject):
            changes.to_tell.add(subject)
    return lifted
