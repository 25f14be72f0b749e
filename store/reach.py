"""How far does a page reach? Some cases of each place tell, so that no place is read beyond (decision 0012).

Where a filter leaves one case in a hundred, a hundred are read to find it: a page of each place would be dear.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from store.order import Sort

# Of each place a twelfth of a page is read to be told.
SHARE = 12


def within(
    sort: Sort,
    keys: Sequence[sa.Column[Any]],
    place: sa.TableValuedAlias,
    each: sa.Select[Any],
    beside: Sequence[sa.FromClause],
    limit: int,
) -> sa.ColumnElement[bool]:
    """What comes no later than the first page of some of each place and all `beside`; everything, if these are none."""
    some = each.limit(limit // SHARE + 1).lateral("some")
    its: list[sa.ColumnElement[Any]] = [sa.column(key.name) for key in keys]
    parts = [place.join(some, sa.true()), *beside]
    told = sa.union_all(*(sa.select(*its).select_from(part) for part in parts))
    last = told.order_by(*sort.by(*its)).offset(limit - 1).limit(1).cte("last")
    return sort.until(keys, [sa.select(key).select_from(last).scalar_subquery() for key in its])
