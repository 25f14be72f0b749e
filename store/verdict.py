"""How are verdicts and violations recorded?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import ARRAY

from rulebook.terms import Severity
from states.terms import Finding
from store import seal
from store.schema.parties import subjects
from store.schema.scores import penalties
from store.schema.verdicts import Validity, verdicts, violations

_LAST = (
    sa.select(verdicts)
    .where(verdicts.c.case == sa.bindparam("case_id"))
    .order_by(verdicts.c.number.desc())
    .limit(1)
)  # fmt: skip
_VIOLATION = sa.select(violations).where(violations.c.id == sa.bindparam("violation"))
_BRINGING = (
    sa.select(violations, subjects.c.region)
    .join(subjects, subjects.c.id == violations.c.subject)
    .where(
        violations.c.id.in_(
            sa.select(penalties.c.violation).where(
                penalties.c.subject == sa.bindparam("subject"), penalties.c.lifted_at.is_(None)
            )
        )
    )
    .order_by(violations.c.number)
)
_DUPLICATES = sa.text("""
    WITH RECURSIVE joined (id) AS (
      SELECT "case" FROM verdicts WHERE duplicate_of = :case_id AND standing = 'in_force'
      UNION
      SELECT v."case" FROM joined JOIN verdicts v ON v.duplicate_of = joined.id AND v.standing = 'in_force'
    ) SELECT id FROM joined ORDER BY id
""")
_OF_SCORE = sa.and_(
    violations.c.subject == sa.bindparam("subject"),
    violations.c.scheme == sa.bindparam("scheme"),
    violations.c.period == sa.bindparam("period"),
)
_IN_ORDER = violations.c.occurred_at, violations.c.number
_OWN = violations.c.id == sa.bindparam("own")
_FACTS = (
    violations.c.rulebook,
    violations.c.severity,
    violations.c.extra,
    violations.c.level,
    violations.c.followers,
    violations.c.average_viewers,
    violations.c.stands,
    violations.c.price,
    violations.c.on_trial,
    _OWN.label("own"),
)


def _alike(which: sa.ColumnElement[bool]) -> sa.Select[*tuple[Any, ...]]:
    place = (sa.func.row_number().over(order_by=_IN_ORDER) - 1).label("place")
    placed = sa.select(*_FACTS, place, violations.c.id, violations.c.occurred_at).where(which).subquery()
    facts = [placed.c[column.name] for column in _FACTS]
    columns = [sa.func.array_agg(placed.c[name]) for name in ("place", "id", "occurred_at")]
    return sa.select(*facts, *columns).group_by(*facts)


_PRICED = _alike(sa.or_(sa.and_(_OF_SCORE, violations.c.stands), _OWN))
_EVER_PRICED = _alike(sa.and_(_OF_SCORE, sa.or_(violations.c.stands, violations.c.price != 0)))
_NEW_PRICES = (
    sa.func.unnest(sa.bindparam("ids", type_=ARRAY(sa.Text)), sa.bindparam("prices", type_=ARRAY(sa.Integer)))
    .table_valued(sa.column("id", sa.Text), sa.column("price", sa.Integer), name="new")
    .render_derived()
)
_CLAUSES = sa.select(violations.c.id, violations.c.clause).where(
    violations.c.id == sa.func.any(sa.bindparam("ids", type_=ARRAY(sa.Text)))
)
_REPRICE = (
    sa.update(violations)
    .where(violations.c.id == _NEW_PRICES.c.id)
    .values(price=_NEW_PRICES.c.price)
    .returning(*violations.c)
)
# Whose violations a trigger counts: those that the agency is concerned with, or the subject's own.
_WHOSE = {
    "agency": violations.c.agency == sa.bindparam("whose"),
    "subject": sa.and_(violations.c.subject == sa.bindparam("whose"), violations.c.origin.is_(None)),
}
_STANDING_NEAR = sa.and_(
    violations.c.clause == sa.any_(sa.bindparam("clauses", type_=ARRAY(sa.Text))),
    violations.c.occurred_at < sa.bindparam("end"),
    violations.c.number <= sa.bindparam("number"),
    violations.c.stands,
    sa.not_(violations.c.on_trial),
)
_SINCE = violations.c.occurred_at >= sa.bindparam("start")
_ACTS = {
    (whose, since): sa.select(violations.c.id, violations.c.occurred_at)
    .where(of_whom, _STANDING_NEAR, *([_SINCE] if since else []))
    .order_by(*_IN_ORDER)
    for whose, of_whom in _WHOSE.items()
    for since in (True, False)
}
_CREATORS_NEAR = (
    sa.select(violations.c.subject)
    .where(_WHOSE["agency"], _SINCE, _STANDING_NEAR, violations.c.subject != violations.c.agency)
    .distinct()
)


@dataclass(frozen=True)
class Verdict:
    """A verdict's row, as far as later moves need it."""

    id: str
    number: int
    standing: Validity
    finding: Finding
    clause: str
    severity: Severity | None
    extra: int
    duplicate_of: str | None
    reasons: str
    decided_by: str


class Alike(NamedTuple):
    """Violations of a score that share the price booked, and all that a price depends on but the order.

    `rulebook` is the version that prices them, by which their clauses may be `on_trial`; `own` marks the violation that
    a change is about. `places` are their numbers, from 0, in the order of occurrence of the whole score.
    """

    rulebook: str
    severity: str
    extra: int
    level: int | None
    followers: int | None
    average_viewers: int | None
    stands: bool
    price: int
    on_trial: bool
    own: bool | None
    places: list[int]
    ids: list[str]
    occurred: list[datetime]


def last(connection: Connection, case_id: str) -> Verdict | None:
    """The case's latest verdict."""
    row = connection.execute(_LAST, {"case_id": case_id}).mappings().one_or_none()
    return _verdict(row) if row else None


def case_of(violation: str) -> str:
    """The case of a verdict or a violation, by its id: `report-4c9d.1`, or `report-4c9d.1@lotus` of an agency's."""
    return violation.partition("@")[0].rpartition(".")[0]


def duplicates(connection: Connection, case_id: str) -> list[str]:
    """The reports that were found to be duplicates of this one, or of such a duplicate."""
    return list(connection.execute(_DUPLICATES, {"case_id": case_id}).scalars())


def write(connection: Connection, values: dict[str, Any]) -> Verdict:
    """Record a new verdict, and give it; `values` are the table's columns."""
    return _verdict(seal.insert(connection, verdicts, values)[0])


def change(connection: Connection, verdict_id: str, **values: object) -> Verdict:
    """Record a second vote, a lapse, or what an appeal made of the verdict; give it as it now is."""
    return _verdict(seal.update(connection, verdicts, {"id": verdict_id}, **values)[0])


def _verdict(row: sa.RowMapping) -> Verdict:
    return Verdict(
        id=row["id"],
        number=row["number"],
        standing=Validity(row["standing"]),
        finding=Finding(row["finding"]),
        clause=row["clause"],
        severity=Severity(row["severity"]) if row["severity"] else None,
        extra=row["extra"],
        duplicate_of=row["duplicate_of"],
        reasons=row["reasons"],
        decided_by=row["decided_by"],
    )


def charge(connection: Connection, values: dict[str, Any]) -> sa.RowMapping:
    """Record a violation, and give its row; `values` are the table's columns."""
    return seal.insert(connection, violations, values)[0]


def violation(connection: Connection, violation_id: str) -> sa.RowMapping:
    """A violation's row."""
    return connection.execute(_VIOLATION, {"violation": violation_id}).mappings().one()


def bringing(connection: Connection, subject: str) -> list[sa.RowMapping]:
    """The violations that brought the subject penalties which were not lifted, each with its own subject's `region`."""
    return list(connection.execute(_BRINGING, {"subject": subject}).mappings())


def clauses(connection: Connection, ids: Sequence[str]) -> dict[str, str]:
    """The clauses that violations broke, by the violations' ids."""
    return {row.id: row.clause for row in connection.execute(_CLAUSES, {"ids": list(ids)})}


def change_violation(connection: Connection, verdict_id: str, **values: object) -> list[sa.RowMapping]:
    """Record that a verdict's violation is overturned or modified; give its row, and that of the agency charged too."""
    changed = seal.update(connection, violations, {"verdict": verdict_id}, **values)
    return sorted(changed, key=lambda row: row["number"])


def reprice(connection: Connection, prices: Mapping[str, int]) -> None:
    """Record violations' new prices, by id."""
    if prices:
        new = {"ids": list(prices), "prices": list(prices.values())}
        seal.note(connection, violations, connection.execute(_REPRICE, new).mappings().all())


def priced(connection: Connection, score: tuple[str, str, str], own: str | None) -> list[Alike]:
    """The violations that stand in a score (subject, scheme, period), and `own`, which may just have ceased to."""
    return [Alike(*row) for row in connection.execute(_PRICED, _key(score) | {"own": own})]


def ever_priced(connection: Connection, score: tuple[str, str, str]) -> list[Alike]:
    """The violations that stand in a score, and those that don't and still have a price booked, which is an error."""
    return [Alike(*row) for row in connection.execute(_EVER_PRICED, _key(score) | {"own": None})]


def acts_near(
    connection: Connection, row: sa.RowMapping, whose: str, clauses: list[str], start: datetime | None, end: datetime
) -> list[tuple[str, datetime]]:
    """The standing violations of some clauses from `start`, or ever, to before `end`, decided no later than the row's.

    Those of clauses that were on trial when they happened are never among them.

    Of the row's `agency` or `subject`, as `whose` says; ids with their times, in order of occurrence.
    """
    key = _near(row, whose, clauses) | ({"start": start} if start else {}) | {"end": end}
    return [(id_, occurred) for id_, occurred in connection.execute(_ACTS[whose, start is not None], key)]


def creators_near(
    connection: Connection, row: sa.RowMapping, clauses: list[str], start: datetime, end: datetime
) -> list[str]:
    """The creators of the agency with such violations."""
    key = _near(row, "agency", clauses) | {"start": start, "end": end}
    return list(connection.execute(_CREATORS_NEAR, key).scalars())


def _near(row: sa.RowMapping, whose: str, clauses: list[str]) -> dict[str, Any]:
    return {"whose": row[whose], "clauses": clauses, "number": row["number"]}


def _key(score: tuple[str, str, str]) -> dict[str, str | None]:
    subject, scheme, period = score
    return {"subject": subject, "scheme": scheme, "period": period}
