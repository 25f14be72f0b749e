"""Which open cases are in a reviewer's regions and languages? Pages by key: without `count(*)` and OFFSET."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import ARRAY

from rulebook.terms import Severity
from states.situation import Actor
from states.tables import TABLES
from states.terms import REVIEWERS, Kind, Stage, Status
from store import cursor
from store.cursor import Cursor, Page
from store.schema.cases import cases
from store.sight import visible


class Sort(StrEnum):
    """The order of a list, descending with `-`; cases without a deadline come last in both directions."""

    DUE = "due"
    DUE_LAST = "-due"
    FILED = "filed"
    FILED_LAST = "-filed"

    @property
    def column(self) -> sa.Column[Any]:
        """The column of the order; ties are broken by id."""
        return cases.c.deadline_at if self in {Sort.DUE, Sort.DUE_LAST} else cases.c.filed_at

    @property
    def descending(self) -> bool:
        """Whether the latest come first."""
        return self.value.startswith("-")


@dataclass(frozen=True)
class Filter:
    """What open cases must be like. `overdue`: their next deadline has passed."""

    region: str | None = None
    language: str | None = None
    kind: Kind | None = None
    clause: str | None = None
    severity: Severity | None = None
    stage: Stage | None = None
    statuses: frozenset[Status] = frozenset()
    claimed_by: str | None = None
    overdue: bool | None = None


ALL = Filter()
# The statuses of open cases between commits, in the order of the machine; `submitted` and `decided` end within one.
_RESTING = (
    Status.HELD, Status.QUEUED, Status.CLAIMED, Status.AWAITING_ANSWER, Status.ESCALATED, Status.AWAITING_APPROVAL,
    Status.OPEN, Status.UNDER_APPEAL,
)  # fmt: skip
_WITHOUT_DEADLINE = frozenset({Status.HELD, Status.UNDER_APPEAL})
# A place with fewer matching cases is read whole and sorted; one with more is read in the order of an index. Either way
# some thousand keys are read.
_FEW = 50
Place = tuple[str, Status]
_REGIONS = sa.text("""
WITH RECURSIVE found (region) AS (
  (SELECT region FROM cases WHERE status <> 'closed' ORDER BY region LIMIT 1)
  UNION ALL
  SELECT (SELECT c.region FROM cases c WHERE c.status <> 'closed' AND c.region > found.region
          ORDER BY c.region LIMIT 1)
  FROM found WHERE found.region IS NOT NULL
) SELECT region FROM found WHERE region IS NOT NULL
""")


def page(
    connection: Connection,
    actor: Actor,
    at: datetime,
    wanted: Filter = ALL,
    sort: Sort = Sort.DUE,
    after: str | None = None,
    limit: int = 50,
) -> Page:
    """A page of the open cases that the actor sees, in the actor's languages.

    Raises:
        RefusedError: `invalid`; field `cursor` or `limit`.
    """
    start, most = cursor.read(after, sort), cursor.size(limit)
    fits = [status for status in _RESTING if _fits(status, wanted)]
    places = [(region, status) for region in _regions(connection, actor, wanted) for status in fits]
    stands, others = [*_stands(actor, wanted)], [*_others(wanted, at)]
    few, many = _split(connection, places, stands) if stands else ([], places)
    found: list[sa.RowMapping] = []
    for part, statuses in _parts(sort, start):
        left, filters = most + 1 - len(found), [*stands, *others, *part]
        parts = _ordered(sort, [place for place in many if place[1] in statuses], filters, left, wanted)
        parts += _gathered(sort, [place for place in few if place[1] in statuses], filters, left)
        if not parts or not left:
            continue
        first = _first(sort, parts, left)
        query = sa.select(cases).join(first, first.c.id == cases.c.id).where(visible(actor, at))
        found += connection.execute(query.order_by(*order(sort, sort.column, cases.c.id))).mappings()
    return cursor.paged(found, most, sort, sort.column.name)


Key = sa.Select[tuple[Any, Any]]


def _first(sort: Sort, parts: Sequence[Key], limit: int) -> sa.Subquery:
    """The first keys of all parts. Materialized: each is planned by itself and read no further than the page needs."""
    listed = [part.cte(f"part_{number}").prefix_with("MATERIALIZED") for number, part in enumerate(parts)]
    merged = sa.union_all(*(sa.select(part) for part in listed)).subquery("merged")
    keys = order(sort, merged.c.time, merged.c.id)
    return sa.select(merged.c.id).order_by(*keys).limit(limit).subquery("first")


def _ordered(
    sort: Sort, places: Sequence[Place], filters: Sequence[sa.ColumnElement[bool]], limit: int, wanted: Filter
) -> list[Key]:
    """The keys of each place, in the order of an index that also has the columns of the filters."""
    time: sa.ColumnElement[Any] = sort.column
    if wanted.overdue and sort is Sort.FILED_LAST:
        # The newest are never overdue, which the planner can't know: the sum keeps it from reading them by the index.
        time = time + sa.text("interval '0'")
    its = sa.select(cases.c.id, sort.column.label("time")).where(*filters)
    its = its.order_by(*order(sort, time, cases.c.id)).limit(limit)
    return [its.where(*_in(*place)) for place in places]


def _gathered(sort: Sort, places: Sequence[Place], filters: Sequence[sa.ColumnElement[bool]], limit: int) -> list[Key]:
    """The keys of all places with few matching cases, sorted."""
    if not places:
        return []
    # Twice as many, as some may have been added since they were counted.
    place, its = _rare(places, filters, 2 * _FEW, cases.c.id, sort.column.label("time"))
    keys = sa.select(its.c.id, its.c.time).select_from(place.join(its, sa.true()))
    return [keys.order_by(*order(sort, its.c.time, its.c.id)).limit(limit)]


def _split(
    connection: Connection, places: Sequence[Place], stands: Sequence[sa.ColumnElement[bool]]
) -> tuple[list[Place], list[Place]]:
    """The places with fewer than `_FEW` matching cases, and those with more; those without any are left out.

    Counted, as the planner only estimates: an index in whose order nothing matches would be read to its end.
    """
    place, its = _rare(places, stands, _FEW, sa.literal_column("1"))
    query = sa.select(place.c.region, place.c.status, sa.func.count()).select_from(place.join(its, sa.true()))
    counted = {
        (region, Status(status)): count
        for region, status, count in connection.execute(query.group_by(place.c.region, place.c.status))
    }
    few = [place for place in places if 0 < counted.get(place, 0) < _FEW]
    return few, [place for place in places if counted.get(place, 0) == _FEW]


def _rare(
    places: Sequence[Place], filters: Sequence[sa.ColumnElement[bool]], limit: int, *columns: sa.ColumnElement[Any]
) -> tuple[sa.TableValuedAlias, sa.FromClause]:
    """Places with at most `limit` matching cases of each, by `ix_cases_rare`: only it has this order and condition."""
    regions, statuses = [region for region, _ in places], [status.value for _, status in places]
    named = sa.func.unnest(sa.literal(regions, ARRAY(sa.Text)), sa.literal(statuses, ARRAY(sa.Text)))
    place = named.table_valued("region", "status").render_derived("place")
    its = sa.select(*columns).where(
        cases.c.region == place.c.region, cases.c.status == place.c.status, cases.c.outcome.is_(None), *filters
    )
    its = its.order_by(cases.c.kind, cases.c.severity, cases.c.language, cases.c.clause)
    return place, its.limit(limit).lateral("its")


def _in(region: str, status: Status) -> Iterator[sa.ColumnElement[bool]]:
    yield cases.c.region == region
    # A literal, no parameter: so the planner sees that the partial indexes of open cases apply.
    yield cases.c.status == sa.bindparam(None, status, literal_execute=True)


def _regions(connection: Connection, actor: Actor, wanted: Filter) -> list[str]:
    regions = actor.regions if actor.role in REVIEWERS else None
    if wanted.region is not None:
        return [wanted.region] if regions is None or wanted.region in regions else []
    return sorted(regions) if regions is not None else list(connection.execute(_REGIONS).scalars())


def _fits(status: Status, wanted: Filter) -> bool:
    if wanted.kind is not None and status not in TABLES[wanted.kind].statuses:
        return False
    if (wanted.overdue and status in _WITHOUT_DEADLINE) or (wanted.claimed_by and status is not Status.CLAIMED):
        return False
    return status in (wanted.statuses or {status}) and wanted.stage in {None, status.stage}


Part = tuple[Sequence[sa.ColumnElement[bool]], Sequence[Status]]


def _parts(sort: Sort, start: Cursor | None) -> Iterator[Part]:
    """What follows the cursor in the list: first the statuses with a time, then, by id, those without one."""
    time, key = sort.column, cases.c.id
    with_time = [s for s in _RESTING if s not in _WITHOUT_DEADLINE or not time.nullable]
    if start is None:
        yield [], with_time
    elif start.at is not None:
        yield [beyond(sort, sa.tuple_(time, key), sa.tuple_(start.at, start.id))], with_time
    if time.nullable:
        last = start.id if start is not None and start.at is None else None
        yield [] if last is None else [beyond(sort, key, last)], [s for s in _RESTING if s in _WITHOUT_DEADLINE]


def beyond(sort: Sort, key: Any, last: Any) -> sa.ColumnElement[bool]:
    """What comes after the last key in this order."""
    after: sa.ColumnElement[bool] = key < last if sort.descending else key > last
    return after


def order(sort: Sort, *keys: sa.ColumnElement[Any]) -> list[sa.ColumnElement[Any]]:
    """The keys of an order, time and id, with their direction."""
    return [key.desc() for key in keys] if sort.descending else list(keys)


def _stands(actor: Actor, wanted: Filter) -> Iterator[sa.ColumnElement[bool]]:
    """The filters on columns that the queue's indexes have besides place and time."""
    for name in ("language", "kind", "clause", "severity"):
        if (value := getattr(wanted, name)) is not None:
            yield cases.c[name] == value
    if actor.role in REVIEWERS and actor.languages and wanted.language is None:
        yield sa.or_(cases.c.language.in_(sorted(actor.languages)), cases.c.language.is_(None))


def _others(wanted: Filter, at: datetime) -> Iterator[sa.ColumnElement[bool]]:
    if wanted.claimed_by is not None:
        yield cases.c.claimed_by == wanted.claimed_by
    if wanted.overdue is not None:
        yield cases.c.deadline_at <= at if wanted.overdue else sa.func.coalesce(cases.c.deadline_at > at, sa.true())
