"""Which closed cases were closed first, of those whose words are still there?"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from states.terms import Kind, Status
from store import privacy
from store.schema.cases import cases
from store.schema.privacy import Order, privacy_orders

_PAGE = 500
_BEFORE_ALL = datetime(1, 1, 1, tzinfo=UTC)
# Who has part in a case, or had.
_ONE = ("id", "of_case", "filed_by", "filed_agency", "respondent", "subject", "agency", "agent", "proposer")
_SEVERAL = ("about", "deciders")
_beside, _appeals = cases.alias("beside"), cases.alias("appeals")
# What is open needs the words of what it is about: of its report, or of the one that it files again.
_NEEDED = sa.exists().where(
    _beside.c.outcome.is_(None),
    sa.or_(_beside.c.of_case == cases.c.id, _beside.c.again == cases.c.id, _beside.c.id == cases.c.of_case),
)
_GONE = sa.exists().where(privacy_orders.c.kind == Order.ERASE.value, privacy_orders.c.name == cases.c.id)
_CLOSED = (
    sa.select(
        *(cases.c[name] for name in (*_ONE, *_SEVERAL, "moved_at")),
        sa.func.array(sa.select(_appeals.c.id).where(_appeals.c.of_case == cases.c.id).scalar_subquery()).label(
            "appeals"
        ),
    )
    .where(
        cases.c.rulebook == sa.bindparam("of_rulebook"),
        cases.c.region == sa.bindparam("of_region"),
        cases.c.kind == sa.bindparam("of_kind"),
        cases.c.status == Status.CLOSED.value,
        sa.tuple_(cases.c.moved_at, cases.c.id) > sa.tuple_(sa.bindparam("since"), sa.bindparam("after")),
        sa.not_(_GONE),
        sa.not_(_NEEDED),
    )
    .order_by(cases.c.moved_at, cases.c.id)
    .limit(_PAGE)
)


@dataclass(frozen=True)
class Closed:
    """A closed case, and by which names it is held: its own, its report's, an appeal's, or a party's."""

    id: str
    at: datetime
    held: list[str]


def closed(connection: Connection, rulebook: str, region: str, kind: Kind) -> Iterator[Closed]:
    """The closed cases of a kind that a version judged in a region, in the order in which they were closed.

    Not those that something open still needs. It reads whole tables.
    """
    connection.execute(privacy.PATIENT)
    of, since, after = {"of_rulebook": rulebook, "of_region": region, "of_kind": kind.value}, _BEFORE_ALL, ""
    while rows := connection.execute(_CLOSED, of | {"since": since, "after": after}).mappings().all():
        held = {*privacy.held(connection, {name for row in rows for name in _names(row)})}
        yield from (Closed(row["id"], row["moved_at"], sorted(held & _names(row))) for row in rows)
        since, after = rows[-1]["moved_at"], rows[-1]["id"]


def _names(row: sa.RowMapping) -> set[str]:
    several = (name for column in (*_SEVERAL, "appeals") for name in row[column])
    return {name for name in (*(row[column] for column in _ONE), *several) if name}
