"""Which reports and appeals does a party see? Filtered by agent, creator, outcome and more; paged by key."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy import Connection

from states.situation import Actor
from states.terms import AGENCY_ROLES, STAFF, Kind, Outcome, Side, Stage
from store import as_read, cursor
from store.cursor import Page
from store.order import Sort
from store.schema.cases import cases
from store.sight import AT, side, visible


@dataclass(frozen=True)
class Filter:
    """What a party's cases must be like.

    `creator` is the respondent or one of those whom the case is about; `agent` the one charged, reported or filing;
    `against` is the respondent or the subject; `filed` tells the reports and appeals of the own side (`True`) from
    those of the other (`False`), `open` those not closed (`True`) from the closed (`False`); `reference` is what the
    actor called the act when reporting it.
    """

    kind: Kind | None = None
    stage: Stage | None = None
    clause: str | None = None
    outcome: Outcome | None = None
    of_case: str | None = None
    creator: str | None = None
    agent: str | None = None
    against: str | None = None
    filed: bool | None = None
    open: bool | None = None
    reference: str | None = None


ALL = Filter()
Order = Literal[Sort.FILED, Sort.FILED_LAST]


def page(
    connection: Connection,
    actor: Actor,
    at: datetime,
    wanted: Filter = ALL,
    sort: Order = Sort.FILED_LAST,
    after: str | None = None,
    limit: int = 50,
) -> Page:
    """A page of the cases, open and closed, that the actor sees, as they read them, each with the `side` they stand on.

    Raises:
        RefusedError: `invalid`; field `cursor` or `limit`.
    """
    start, most = cursor.read(after, sort), cursor.size(limit)
    query = _seen(actor).where(*_filters(actor, wanted))
    if start is not None:
        query = query.where(sort.after(start))
    query = query.order_by(*sort.by(*sort.keys, cases.c.id)).limit(most + 1)
    rows = connection.execute(query, {"at": at}).mappings().all()
    return cursor.paged(rows, most, sort, sort.time.name)


@lru_cache(256)
def newest(actor: Actor, wanted: Filter, most: int) -> sa.Select[Any]:
    """The query for `id` and `version` of the newest cases of a page, as the actor reads them at the parameter `at`."""
    version, last = as_read.columns(actor)["version"].label("version"), Sort.FILED_LAST
    query = sa.select(cases.c.id, version).where(visible(actor, AT), *_filters(actor, wanted))
    return query.order_by(*last.by(*last.keys, cases.c.id)).limit(most)


def concerned(
    connection: Connection, actor: Actor | None, at: datetime, agency: str
) -> list[tuple[str, str | None, int]]:
    """How many open cases an agency's own have that the actor sees: respondent, agent who managed them, and how many.

    A party counts those that it sees as respondent.
    """
    rows = connection.execute(_concerned(actor), {"at": at, "agency": agency})
    return [(row.respondent, row.agent, row.found) for row in rows]


@lru_cache(256)
def _concerned(actor: Actor | None) -> sa.Select[Any]:
    found = sa.func.count().label("found")
    query = sa.select(cases.c.respondent, cases.c.agent, found).group_by(cases.c.respondent, cases.c.agent)
    query = query.where(cases.c.agency == sa.bindparam("agency"), cases.c.outcome.is_(None))
    if actor is None:
        return query
    own = side(actor, AT) == Side.RESPONDENT if actor.role in AGENCY_ROLES else sa.true()
    return query.where(visible(actor, AT), own)


@lru_cache(256)
def _seen(actor: Actor) -> sa.Select[Any]:
    read = [column.label(name) for name, column in as_read.columns(actor).items()]
    return sa.select(*read, side(actor, AT).label("side")).where(visible(actor, AT))


def _filters(actor: Actor, wanted: Filter) -> Iterator[sa.ColumnElement[bool]]:
    read = as_read.columns(actor)
    for name in ("kind", "stage", "clause", "outcome", "of_case"):
        if (value := getattr(wanted, name)) is not None:
            yield read[name] == value
    if wanted.creator is not None:
        yield sa.or_(cases.c.respondent == wanted.creator, read["about"].contains([wanted.creator]))
    if wanted.agent is not None:
        named = [cases.c.agent == wanted.agent, cases.c.respondent == wanted.agent]
        # The respondent may not find out who reported by asking for names.
        known = sa.true() if actor.role in STAFF else side(actor, AT) == cases.c.filed_side
        yield sa.or_(*named, sa.and_(known, cases.c.filed_by == wanted.agent))
    if wanted.against is not None:
        yield sa.or_(cases.c.respondent == wanted.against, cases.c.subject == wanted.against)
    if wanted.reference is not None:
        # Whoever sees a case of somebody else's may not find out how it is called there.
        yield sa.and_(cases.c.reference == wanted.reference, cases.c.filed_by == actor.id)
    if wanted.open is not None:
        yield cases.c.outcome.is_(None) if wanted.open else cases.c.outcome.is_not(None)
    if wanted.filed is not None:
        filed = side(actor, AT) == cases.c.filed_side
        yield filed if wanted.filed else sa.not_(filed)
