"""Whom did the wave of a version of the rulebook hit? The score penalties that its batches imposed by it."""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from rulebook.terms import PenaltyKind
from states.sight import Resource
from states.situation import Actor
from store import cursor
from store.cursor import Page
from store.schema.parties import subjects
from store.schema.rulebooks import version_moves
from store.schema.scores import penalties
from store.sight import filtered

_BATCH = "next_batch"
# A batch imposes at the time of its move, and by the version itself: one that is taken back imposes by another. The
# planner takes them for a few of those penalties, where they are nearly all, and would read all before it gives a page:
# as a value it asks of each (`is_`), it reads no more of the index than the page needs.
_BATCHES = sa.select(version_moves.c.at).where(
    version_moves.c.version == sa.bindparam("version"), version_moves.c.event == _BATCH
)
_HIT = (
    sa.select(
        penalties.c.id,
        penalties.c.subject,
        subjects.c.region,
        penalties.c.key,
        penalties.c.starts_at,
        penalties.c.lifted_at,
    )
    .join(subjects, subjects.c.id == penalties.c.subject)
    .where(
        penalties.c.rulebook == sa.bindparam("version"),
        penalties.c.kind == PenaltyKind.SCORE,
        penalties.c.case.is_(None),
        penalties.c.imposed_at.is_(None),
        sa.not_(penalties.c.on_trial),
        penalties.c.starts_at.in_(_BATCHES).is_(sa.true()),
    )
)
_LIVING = (
    sa.select(subjects.c.region, sa.func.count())
    .where(subjects.c.region.in_(sa.bindparam("regions", expanding=True)))
    .group_by(subjects.c.region)
)
_REGION = version_moves.c.facts["region"].astext
_RELEASED = (
    sa.select(_REGION, sa.func.sum(version_moves.c.facts["seen"].as_integer()))
    .where(version_moves.c.version == sa.bindparam("version"), version_moves.c.event == _BATCH)
    .where(version_moves.c.source == "taking_back", _REGION.is_not(None))
    .group_by(_REGION)
)


def page(
    connection: Connection, actor: Actor | None, at: datetime, version: str, after: str | None, limit: int
) -> Page:
    """A page of the penalties, newest first: `subject`, its `region`, the penalty's `key`, `starts_at`, `lifted_at`.

    Of those that the actor sees; None sees all.

    Raises:
        RefusedError: `invalid`; field `cursor` or `limit`.
    """
    query = _HIT if actor is None else _HIT.where(filtered(actor, Resource.GOVERNED, at))
    return cursor.highest_first(connection, query, penalties.c.id, after, limit, {"version": version})


def living(connection: Connection, regions: Iterable[str]) -> dict[str, int]:
    """How many subjects live in each of the regions; of one without any nothing is said."""
    return {row[0]: row[1] for row in connection.execute(_LIVING, {"regions": sorted(regions)})}


def released(connection: Connection, version: str) -> dict[str, int]:
    """How many subjects a version that is taken back has released, by region."""
    return {row[0]: row[1] for row in connection.execute(_RELEASED, {"version": version})}
