"""What was written outside of cases: feeds, tellings, deliveries, rulebooks; and through what it came."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from states.sight import Resource
from states.situation import Actor
from store import cursor
from store.cursor import Page
from store.schema.journal import records
from store.sight import filtered


def page(
    connection: Connection,
    actor: Actor,
    at: datetime,
    *,
    topic: str | None = None,
    through: str | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Page:
    """A page of the records that the actor sees, newest first, each with the names of its `rows` instead of digests.

    `topic` is one, or its beginning; `through` is whole.

    Raises:
        RefusedError: `invalid`; field `cursor` or `limit`.
    """
    kept = (records.c.number, records.c.topic, records.c.at, records.c.through, records.c.rows)
    found = sa.select(*kept).where(filtered(actor, Resource.RECORD, at))
    if topic is not None:
        found = found.where(records.c.topic.startswith(topic, autoescape=True))
    if through is not None:
        found = found.where(records.c.through == through)
    read = cursor.highest_first(connection, found, records.c.number, after, limit)
    return Page([{**row, "rows": sorted(row["rows"])} for row in read.rows], read.next)
