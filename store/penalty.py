"""Which penalties are in force, and how do they begin and end?"""

from collections.abc import Mapping, Sequence
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
    """The filter of penalties in force at a time: from their start until their end or their lifting, none on trial."""
    return sa.and_(_runs_at(at), sa.not_(penalties.c.on_trial))


def counted_at(at: datetime | sa.BindParameter[datetime]) -> sa.ColumnElement[bool]:
    """The filter of penalties on trial that would be in force at a time."""
    return sa.and_(_runs_at(at), penalties.c.on_trial)


def _runs_at(at: Any) -> sa.ColumnElement[bool]:
    return sa.and_(
        penalties.c.starts_at <= at,
        _not_over(at),
        sa.or_(penalties.c.lifted_at.is_(None), penalties.c.lifted_at > at),
    )


# What a score penalty is known by that a score carries.
STANDING = penalties.c.id, penalties.c.key, penalties.c.rulebook, penalties.c.ends_at, penalties.c.on_trial
_OF_SCORE = sa.select(*STANDING).where(
    penalties.c.subject == sa.bindparam("subject"),
    penalties.c.scheme == sa.bindparam("scheme"),
    penalties.c.period == sa.bindparam("period"),
    penalties.c.kind == PenaltyKind.SCORE,
    penalties.c.lifted_at.is_(None),
    penalties.c.armed_at.is_(None),
)
_LIFTED_OF_SCORE = (
    sa.select(penalties.c.rulebook, penalties.c.starts_at, penalties.c.lifted_at)
    .where(
        penalties.c.subject == sa.bindparam("subject"),
        penalties.c.scheme == sa.bindparam("scheme"),
        penalties.c.period == sa.bindparam("period"),
        penalties.c.key == sa.bindparam("key"),
        penalties.c.lifted_at.is_not(None),
    )
    .order_by(penalties.c.id.desc())
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
        counted_at(sa.bindparam("at", type_=Instant)).label("counted"),
        sa.func.row_number().over(order_by=penalties.c.id).label("number"),
    )
    .where(penalties.c.subject == sa.bindparam("subject_id"))
    .subquery()
)


class Standing(NamedTuple):
    """A score penalty that the score still carries, and the digest of the version by which it was imposed.

    It may have run its time (`over`): then the score has not been above its line since. `on_trial` it is only counted.
    """

    id: int
    key: str
    rulebook: str
    ends_at: datetime | None
    on_trial: bool

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
        """The rows of a subject's penalties that are not on trial."""
        return [row for row in self.written() if row["subject"] == subject and not row["on_trial"]]


def impose(
    connection: Connection, changes: Changes, *, at: datetime, on_trial: bool, restricts: bool, **values: Any
) -> None:
    """Impose a penalty, or count it on trial; if it restricts anything, the platform must be told of the former.

    `values` are the other columns; it may run since before `at`.
    """
    values |= {"on_trial": on_trial, "imposed_at": at if at > values["starts_at"] else None}
    changes.rows |= {row["id"]: row for row in seal.insert(connection, penalties, values)}
    if restricts and not on_trial:
        restrictions.stir(connection, values["subject"])
        changes.to_tell.add(values["subject"])


def of_subject(
    connection: Connection,
    subject: str,
    at: datetime,
    *,
    kind: PenaltyKind | None = None,
    in_force: bool | None = None,
    counted: bool | None = None,
    after: str | None = None,
    limit: int | None = None,
) -> Page:
    """A page of the subject's penalties, newest first; no limit: all.

    Those `in_force` at the time, or that are not; `counted` on trial then, or that are not.

    Each has a `number`, counted from 1 among the subject's own. Its id counts everybody's, and is not given.

    Raises:
        RefusedError: `invalid`; field `cursor` or `limit`.
    """
    found = sa.select(_NUMBERED)
    if kind is not None:
        found = found.where(_NUMBERED.c.kind == kind)
    if in_force is not None:
        found = found.where(_NUMBERED.c.in_force == sa.literal(in_force))
    if counted is not None:
        found = found.where(_NUMBERED.c.counted == sa.literal(counted))
    return cursor.highest_first(connection, found, _NUMBERED.c.number, after, limit, {"subject_id": subject, "at": at})


def of_score(connection: Connection, subject: str, scheme: str, period: str) -> list[Standing]:
    """The score penalties of a period that the score carries: neither lifted nor armed again."""
    rows = connection.execute(_OF_SCORE, {"subject": subject, "scheme": scheme, "period": period})
    return [Standing(*row) for row in rows]


def lifted_of_score(
    connection: Connection, score: tuple[str, str, str], key: str
) -> list[tuple[str, datetime, datetime]]:
    """By which version a score's penalty stood each time that it was lifted, and since when until when; newest first.

    The score is named by subject, scheme and period.
    """
    subject, scheme, period = score
    named = {"subject": subject, "scheme": scheme, "period": period, "key": key}
    return [(row.rulebook, row.starts_at, row.lifted_at) for row in connection.execute(_LIFTED_OF_SCORE, named)]


def of_violation(connection: Connection, violation: str) -> list[sa.RowMapping]:
    """The base and additional penalties that a violation brought and that are not lifted."""
    return list(connection.execute(_OF_VIOLATION, {"violation": violation}).mappings())


def over(row: Mapping[Any, Any], at: datetime) -> bool:
    """Whether a penalty has run its time."""
    return row["ends_at"] is not None and row["ends_at"] <= at


def live(connection: Connection, subject: str, at: datetime) -> list[sa.RowMapping]:
    """The subject's penalties that are in force, or will be, or run on trial, each with the subject's `region`."""
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
    for subject in {row["subject"] for row in lifted if not row["on_trial"]}:
        if restrictions.stir_again(connection, subject):
            changes.to_tell.add(subject)
    return lifted
