"""At what moment does a read look? At its reader's now; or, where a commit is ahead of it, at the newest commit's time.

The clocks of desks and workers differ by seconds. Whoever reads after an answer sees what it did, as what began with a
commit has begun at its time: so no read looks at an earlier one. A commit that is further ahead than `SKEW` does not
count: its worker's clock was wrong.
"""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Connection

from store.schema.journal import journal, records
from store.schema.metadata import Instant

SKEW = timedelta(seconds=5)


def _newest(table: sa.Table) -> sa.ScalarSelect[datetime]:
    """The newest time that counts, which is at the end of an index."""
    return (
        sa.select(sa.func.max(table.c.at)).where(table.c.at <= sa.bindparam("latest", type_=Instant)).scalar_subquery()
    )


MOMENT = sa.func.greatest(sa.bindparam("now", type_=Instant), _newest(journal), _newest(records), type_=Instant)
_MOMENT = sa.select(MOMENT)


def bounds(now: datetime) -> dict[str, datetime]:
    """The values that `MOMENT` takes."""
    return {"now": now, "latest": now + SKEW}


def moment(connection: Connection, now: datetime) -> datetime:
    """The moment to look at, for a reader whose clock says `now`."""
    found: datetime = connection.execute(_MOMENT, bounds(now)).scalar_one()
    return found
