"""Which open cases are a reviewer's to take, or fit a filter? Pages by key, a bounded count: without OFFSET."""

from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from sqlalchemy import Connection

from states.terms import Status
from store import cursor, place
from store.cursor import Cursor, Page
from store.order import Sort
from store.place import Where
from store.schema.cases import cases
from store.search import Search
from store.wanted import RESTING

# A count goes no further.
COUNTED = 200


def page(
    connection: Connection, search: Search, sort: Sort = Sort.URGENT, after: str | None = None, limit: int = 50
) -> Page:
    """A page of the open cases that the actor sees; of a reviewer's without a filter: those that they could claim.

    Raises:
        RefusedError: `invalid`; field `cursor` or `limit`.
    """
    start, most = cursor.read(after, sort, ranked=sort.ranked), cursor.size(limit)
    found: list[sa.RowMapping] = []
    for part, statuses in _parts(sort, start):
        left = most + 1 - len(found)
        keys = search.keys(sort, part, statuses, left) if left else []
        if keys:
            first = place.first(sort, keys, left)
            query = sa.select(cases).join(first, first.c.id == cases.c.id).where(search.visible)
            found += connection.execute(query.order_by(*sort.by(*sort.keys, cases.c.id))).mappings()
    return cursor.paged(found, most, sort, sort.time.name, ranked=sort.ranked)


def count(connection: Connection, search: Search) -> int:
    """How many cases all pages have, counted to one above `COUNTED`."""
    some = search.some(COUNTED + 1)
    return int(connection.execute(place.count(some, COUNTED + 1)).scalar_one()) if some else 0


def _parts(sort: Sort, start: Cursor | None) -> Iterator[tuple[Where, Sequence[Status]]]:
    """What follows the cursor in the list: first the statuses with a time, then those without one."""
    after = [sort.after(start)] if start else []
    if start is None or start.at is not None:
        yield after, [status for status in RESTING if status not in sort.timeless]
        after = []
    yield after, [status for status in RESTING if status in sort.timeless]
