"""Which open cases are a reviewer's to take, or fit a filter? Pages by key, a bounded count: without OFFSET."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from store import cursor, place
from store.cursor import Page
from store.order import Sort
from store.rank import ranks
from store.schema.cases import cases
from store.search import Search
from store.stretch import stretches

# A count goes no further.
COUNTED = 200
_NAMES = tuple(cases.c.keys())


def page(
    connection: Connection,
    search: Search,
    sort: Sort = Sort.URGENT,
    after: str | None = None,
    limit: int = 50,
    names: Sequence[str] = _NAMES,
) -> Page:
    """A page of the open cases that the actor sees; of a reviewer's without a filter: those that they could claim.

    `names`: the columns that are wanted; the order's are there in any case.

    Raises:
        RefusedError: `invalid`; field `cursor` or `limit`.
    """
    start, most = cursor.read(after, sort, ranked=sort.ranked), cursor.size(limit)
    found: list[dict[str, Any]] = []
    names = list(dict.fromkeys([*names, "id", *(key.name for key in sort.keys)]))
    only = ranks(connection, search.clauses) if sort.ranked and search.clauses else None
    for stretch in stretches(sort, start, only):
        left = most + 1 - len(found)
        keys = search.keys(sort, stretch, left) if left else []
        if keys:
            first = place.first(sort, keys, left)
            its = sa.select(*(cases.c[name] for name in names)).select_from(cases)
            query = its.join(first, first.c.id == cases.c.id).where(search.visible)
            rows = connection.execute(query.order_by(*sort.by(*sort.keys, cases.c.id)))
            found += [dict(zip(names, row, strict=True)) for row in rows]
    return cursor.paged(found, most, sort, sort.time.name, ranked=sort.ranked)


def count(connection: Connection, search: Search) -> int:
    """How many cases all pages have, counted to one above `COUNTED`."""
    some = search.some(COUNTED + 1)
    return int(connection.execute(place.count(some, COUNTED + 1)).scalar_one()) if some else 0
