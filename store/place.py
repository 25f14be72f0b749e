"""How is a page merged from places? A place is a region and a status; each is read as it suits (decision 0012)."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from states.terms import Status
from store.order import Sort, Where
from store.reach import SHARE, within
from store.readable import Readable
from store.schema.cases import cases

Place = tuple[str, Status]
Keys = sa.CTE
Each = sa.Select[Any]
# A place with fewer matching cases is read whole and sorted; one with more is read in the order of an index. Either way
# some thousand keys are read.
FEW = 50
# So few places are each a part of the statement: their merge reads of each what the page takes. More parts would cost
# more to write and to plan than is read in vain.
MERGED = 6
# That a case is open, as the indexes of the orders say it, and those of parties and of whom cases bar. A literal, no
# parameter: so the planner sees that they apply.
_OPEN = cases.c.status != sa.literal_column("'closed'")


def split(connection: Connection, places: Sequence[Place], filters: Where) -> tuple[list[Place], list[Place]]:
    """The places with fewer than `FEW` matching cases, and those with more; those without any are left out.

    Counted, as the planner only estimates: an index in whose order nothing matches would be read to its end.
    """
    place, each = _rare(places, filters, FEW, sa.literal_column("1"))
    its = each.lateral("its")
    query = sa.select(place.c.region, place.c.status, sa.func.count()).select_from(place.join(its, sa.true()))
    counted = {
        (region, Status(status)): count
        for region, status, count in connection.execute(query.group_by(place.c.region, place.c.status))
    }
    few = [place for place in places if 0 < counted.get(place, 0) < FEW]
    return few, [place for place in places if counted.get(place, 0) == FEW]


def first(sort: Sort, parts: Sequence[Keys], limit: int) -> sa.FromClause:
    """The first keys of all parts."""
    if len(parts) == 1:
        return parts[0]
    names = _names(sort)
    merged = sa.union_all(*(sa.select(*names).select_from(part) for part in parts))
    return merged.order_by(*sort.by(*names[1:], names[0])).limit(limit).subquery("first")


def count(parts: Sequence[Keys], limit: int) -> sa.Select[Any]:
    """How many keys all parts have, at most `limit`."""
    listed = sa.union_all(*(sa.select(part.c.id) for part in parts)).limit(limit)
    return sa.select(sa.func.count()).select_from(listed.subquery("listed"))


def gathered(sort: Sort, places: Sequence[Place], filters: Where, limit: int) -> list[Keys]:
    """The keys of all places with few matching cases, sorted."""
    if not places:
        return []
    # Twice as many, as some may have been added since they were counted.
    place, its = _rare(places, filters, 2 * FEW, cases.c.id, *sort.keys)
    return [_part("gathered", _sorted(sort, place, its, limit))]


def ordered(
    sort: Sort,
    keys: Sequence[sa.Column[Any]],
    places: Sequence[Place],
    filters: Where,
    limit: int,
    beside: Sequence[Keys],
    *,
    overdue: bool,
) -> list[Keys]:
    """The keys of each place, in the order of an index that also has the columns of the filters.

    `keys`: those of the order that differ there. A place is read no further than a page of all this and what is found
    `beside` it reaches.
    """
    if not places:
        return []
    by: list[sa.ColumnElement[Any]] = list(sort.keys)
    if overdue and sort is Sort.FILED_LAST:
        # The newest are never overdue, which the planner can't know: the sum keeps it from reading them by the index.
        by = [key + sa.text("interval '0'") for key in by]
    order = sort.by(*by, cases.c.id)
    # What is overdue is found by its deadline: in another order, all of it is read anyway.
    in_order = not overdue or sort.time is cases.c.deadline_at
    reaches = keys and in_order and (beside or len(places) >= SHARE)
    if reaches and len(places) <= MERGED:
        its = sa.select(cases.c.id, *sort.keys).where(_OPEN, *filters).order_by(*order).limit(limit)
        heres = [(cases.c.region == region, cases.c.status == status) for region, status in places]
        return [_part(f"ordered_{number}", its.where(*here)) for number, here in enumerate(heres)]
    place, its = _each(places, [_OPEN, *filters], cases.c.id, *sort.keys)
    its = its.order_by(*order)
    if reaches:
        its = its.where(within(sort, keys, place, its, beside, limit))
    return [_part("ordered", _sorted(sort, place, its.limit(limit), limit))]


def unsorted(places: Sequence[Place], filters: Where, limit: int) -> list[Keys]:
    """The ids of some cases: those of one place after the other, until there are enough."""
    if not places:
        return []
    place, each = _each(places, [_OPEN, *filters], cases.c.id)
    its = each.order_by(cases.c.filed_at, cases.c.id).limit(limit).lateral("its")
    return [_part("unsorted", sa.select(its.c.id).select_from(place.join(its, sa.true())).limit(limit))]


def anywhere(sort: Sort, places: Sequence[Place], filters: Where, limit: int) -> list[Keys]:
    """The keys of cases that another index finds, wherever they are, sorted."""
    if not places:
        return []
    regions, statuses = {region for region, _ in places}, {status for _, status in places}
    its = sa.select(cases.c.id, *sort.keys).where(_OPEN, *filters)
    its = its.where(cases.c.region.in_(sorted(regions)), cases.c.status.in_(sorted(statuses)))
    return [_part("anywhere", its.order_by(*sort.by(*sort.keys, cases.c.id)).limit(limit))]


def left(sort: Sort, places: Sequence[Place], read: Readable | None, filters: Where, limit: int) -> list[Keys]:
    """The keys of cases that bar all who read them, by `ix_cases_barred`, sorted."""
    if not places or not read or not read.left:
        return []
    arrays = [sa.column(name, ARRAY(sa.Text)) for name in ("languages", "names")]
    others = sa.column("region", sa.Text), sa.column("for_seniors", sa.Boolean)
    rows = sa.func.jsonb_to_recordset(sa.literal([asdict(one) for one in read.left], JSONB))
    readers = rows.table_valued(*others, *arrays).render_derived("readers", with_types=True)
    # Said so that only `ix_cases_barred` fits: another index would be read for all that it has of a region.
    is_open = cases.c.stage != sa.literal_column("'closed'")
    among = cases.c.status.concat("").in_(sorted({status for _, status in places}))
    bars = (is_open, cases.c.barred != sa.text("'{}'"), cases.c.barred.contains(readers.c.names))
    fits = (cases.c.region == readers.c.region, cases.c.language == sa.any_(readers.c.languages))
    its = sa.select(cases.c.id, *sort.keys).where(*bars, *fits, among, *filters)
    if read.for_seniors:
        theirs = sa.tuple_(cases.c.kind, cases.c.status).in_(sorted(read.for_seniors))
        its = its.where(theirs == readers.c.for_seniors)
    return [_part("barred", _sorted(sort, readers, its.order_by(*sort.by(*sort.keys, cases.c.id)).limit(limit), limit))]


def _rare(
    places: Sequence[Place], filters: Where, limit: int, *columns: sa.ColumnElement[Any]
) -> tuple[sa.TableValuedAlias, Each]:
    """Places with at most `limit` matching cases of each, by `ix_cases_rare`: only it has this order and condition."""
    place, its = _each(places, [cases.c.outcome.is_(None), *filters], *columns)
    return place, its.order_by(cases.c.kind, cases.c.severity, cases.c.language, cases.c.clause).limit(limit)


def _each(places: Sequence[Place], filters: Where, *columns: sa.ColumnElement[Any]) -> tuple[sa.TableValuedAlias, Each]:
    """Places, and the cases of one of them."""
    regions, statuses = [region for region, _ in places], [status.value for _, status in places]
    named = sa.func.unnest(sa.literal(regions, ARRAY(sa.Text)), sa.literal(statuses, ARRAY(sa.Text)))
    place = named.table_valued("region", "status").render_derived("place")
    here = (cases.c.region == place.c.region, cases.c.status == place.c.status)
    return place, sa.select(*columns).where(*here, *filters)


def _part(name: str, keys: Each) -> Keys:
    """Materialized: it is planned by itself and read no further than the page needs."""
    return keys.cte(name).prefix_with("MATERIALIZED")


def _sorted(sort: Sort, place: sa.TableValuedAlias, each: Each, limit: int) -> Each:
    names = _names(sort)
    keys = sa.select(*names).select_from(place.join(each.lateral("its"), sa.true()))
    return keys.order_by(*sort.by(*names[1:], names[0])).limit(limit)


def _names(sort: Sort) -> list[sa.ColumnElement[Any]]:
    """The id and the keys by their mere names: whatever has them is built faster than with columns of its own."""
    return [sa.column("id"), *(sa.column(key.name) for key in sort.keys)]
