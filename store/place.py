"""How is a page merged from places? A place is a region and a status; each is read as it suits (decision 0012)."""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import ARRAY

from states.terms import Status
from store.order import Sort
from store.schema.cases import cases

Place = tuple[str, Status]
Keys = sa.Select[tuple[Any, ...]]
Where = Sequence[sa.ColumnElement[bool]]
# A place with fewer matching cases is read whole and sorted; one with more is read in the order of an index. Either way
# some thousand keys are read.
FEW = 50


def split(connection: Connection, places: Sequence[Place], filters: Where) -> tuple[list[Place], list[Place]]:
    """The places with fewer than `FEW` matching cases, and those with more; those without any are left out.

    Counted, as the planner only estimates: an index in whose order nothing matches would be read to its end.
    """
    place, its = _rare(places, filters, FEW, sa.literal_column("1"))
    query = sa.select(place.c.region, place.c.status, sa.func.count()).select_from(place.join(its, sa.true()))
    counted = {
        (region, Status(status)): count
        for region, status, count in connection.execute(query.group_by(place.c.region, place.c.status))
    }
    few = [place for place in places if 0 < counted.get(place, 0) < FEW]
    return few, [place for place in places if counted.get(place, 0) == FEW]


def first(sort: Sort, parts: Sequence[Keys], limit: int) -> sa.Subquery:
    """The first keys of all parts. Materialized: each is planned by itself and read no further than the page needs."""
    listed = [part.cte(f"part_{number}").prefix_with("MATERIALIZED") for number, part in enumerate(parts)]
    merged = sa.union_all(*(sa.select(part) for part in listed)).subquery("merged")
    keys = sort.by(*(merged.c[key.name] for key in sort.keys), merged.c.id)
    return sa.select(merged.c.id).order_by(*keys).limit(limit).subquery("first")


def ordered(sort: Sort, places: Sequence[Place], filters: Where, limit: int, *, overdue: bool) -> list[Keys]:
    """The keys of each place, in the order of an index that also has the columns of the filters."""
    keys: list[sa.ColumnElement[Any]] = list(sort.keys)
    if overdue and sort is Sort.FILED_LAST:
        # The newest are never overdue, which the planner can't know: the sum keeps it from reading them by the index.
        keys = [key + sa.text("interval '0'") for key in keys]
    its = sa.select(cases.c.id, *sort.keys).where(*filters).order_by(*sort.by(*keys, cases.c.id)).limit(limit)
    return [its.where(*_in(*place)) for place in places]


def gathered(sort: Sort, places: Sequence[Place], filters: Where, limit: int) -> list[Keys]:
    """The keys of all places with few matching cases, sorted."""
    if not places:
        return []
    # Twice as many, as some may have been added since they were counted.
    place, its = _rare(places, filters, 2 * FEW, cases.c.id, *sort.keys)
    names = [key.name for key in sort.keys]
    keys = sa.select(its.c.id, *(its.c[name] for name in names)).select_from(place.join(its, sa.true()))
    return [keys.order_by(*sort.by(*(its.c[name] for name in names), its.c.id)).limit(limit)]


def anywhere(sort: Sort, places: Sequence[Place], filters: Where, limit: int) -> list[Keys]:
    """The keys of cases that another index finds, wherever they are, sorted."""
    regions, statuses = {region for region, _ in places}, {status for _, status in places}
    # A literal, as in `_in`.
    its = sa.select(cases.c.id, *sort.keys).where(cases.c.status != sa.literal_column("'closed'"), *filters)
    its = its.where(cases.c.region.in_(sorted(regions)), cases.c.status.in_(sorted(statuses)))
    return [its.order_by(*sort.by(*sort.keys, cases.c.id)).limit(limit)]


def _rare(
    places: Sequence[Place], filters: Where, limit: int, *columns: sa.ColumnElement[Any]
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
