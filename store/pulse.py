"""Has a case moved since somebody looked? Its version as they read it, and for staff what moved it last."""

from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from states.situation import Actor
from states.terms import STAFF
from store import as_read
from store.schema.cases import cases
from store.schema.journal import journal
from store.sight import AT, visible


def read(connection: Connection, actor: Actor, case_id: str, at: datetime) -> sa.Row[Any] | None:
    """The case's `version`, `event` and `actor`; none where there is no case for the actor."""
    return connection.execute(_pulse(actor), {"case_id": case_id, "at": at}).one_or_none()


@lru_cache(256)
def _pulse(actor: Actor) -> sa.Select[Any]:
    seen = sa.and_(cases.c.id == sa.bindparam("case_id"), visible(actor, AT))
    if actor.role not in STAFF:
        read = [as_read.columns(actor)["version"].label("version")]
        read += [sa.null().label(name) for name in ("event", "actor")]
        return sa.select(*read).where(seen)
    last = sa.and_(journal.c.case == cases.c.id, journal.c.version == cases.c.version)
    told = [cases.c.version, journal.c.event, journal.c.actor]
    return sa.select(*told).select_from(cases.join(journal, last)).where(seen)
