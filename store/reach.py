"""How far does a page reach? Some cases of each place tell, so that no place is read beyond (decision 0012).

Where a filter leaves one case in a hundred, a hundred are read to find it: a page of each place would be dear.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from store.order import Sort

# Of so many places, or more, two pages of cases are read to be told.
WIDE = 12


def enough(places: int, limit: int) -> int:
    """Of how many cases of each place a page's reach is told: two pages together, of few places."""
    return 2 * limit // min(places, WIDE) + 1


def within(
    sort: Sort, keys: Sequence[sa.Column[Any]], place: sa.TableValuedAlias, some: sa.Select[Any], limit: int
) -> sa.ColumnElement[bool]:
    """What comes no later than the first page of `some` of each place; everything, where these are no page."""
    its: list[sa.ColumnElement[Any]] = [sa.column(key.name) for key in keys]
    page = sa.select(*its).select_from(place.join(some.lateral("some"), sa.true())).order_by(*sort.by(*its))
    last = page.offset(limit - 1).limit(1).cte("last")
    return sort.until(keys, [sa.select(key).select_from(last).scalar_subquery() for key in its])
