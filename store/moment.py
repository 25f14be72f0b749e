"""At what moment does a read look? At its reader's now; or, where a commit is ahead of it, at the newest commit's time.

The clocks of desks and workers differ by seconds. Whoever reads after an answer sees what it did, as what began with a
commit has begun at its time: so no read looks at an earlier one. A commit that is further ahead than `SKEW` does not
count: its worker's clock was wrong.
"""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Connection

SKEW = timedelta(seconds=5)
# Of the reader's `now` and the `latest` time that counts. Not `max(at)`, which takes longer to plan than to read.
MOMENT = """
SELECT greatest(
    CAST(:now AS timestamptz),
    (SELECT at FROM journal WHERE at <= CAST(:latest AS timestamptz) ORDER BY at DESC LIMIT 1),
    (SELECT at FROM records WHERE at <= CAST(:latest AS timestamptz) ORDER BY at DESC LIMIT 1)) AS at
"""
_MOMENT = sa.text(MOMENT)
_CLOCK = sa.select(sa.func.clock_timestamp(type_=sa.DateTime(timezone=True)))


def bounds(now: datetime) -> dict[str, datetime]:
    """The values that `MOMENT` takes."""
    return {"now": now, "latest": now + SKEW}


def moment(connection: Connection, now: datetime) -> datetime:
    """The moment to look at, for a reader whose clock says `now`."""
    found: datetime = connection.execute(_MOMENT, bounds(now)).scalar_one()
    return found


def ahead(connection: Connection, now: datetime) -> timedelta:
    """By how much a clock is ahead of the database's, whose own decides nothing: only logs tell it."""
    return now - connection.execute(_CLOCK).scalar_one()
