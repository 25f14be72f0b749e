"""Has a case, a subject or a list moved since somebody looked? One statement each, of what its reader reads of it."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from states.sight import Resource
from states.situation import Actor
from states.terms import STAFF
from store import as_read
from store.listing import Filter, newest
from store.penalty import in_force_at
from store.schema.cases import cases, quota_slots
from store.schema.journal import journal
from store.schema.parties import agencies, subjects
from store.schema.scores import ledger, penalties
from store.sight import AT, filtered, visible


def of_case(connection: Connection, actor: Actor, case_id: str, at: datetime) -> sa.Row[Any] | None:
    """The case's `version`, `event` and `actor`; none where there is no case for the actor."""
    return connection.execute(_case(actor), {"case_id": case_id, "at": at}).one_or_none()


def of_subject(connection: Connection, actor: Actor, subject: str, at: datetime, most: int) -> sa.Row[Any] | None:
    """What tells whether the subject's page would be another one; none where the actor sees neither score nor history.

    Of the score how many lines it has, and which penalties are in force; the newest open cases, at most so many; and
    of an agency's newest month how many reports it has used.
    """
    return connection.execute(_subject(actor, subject, most), {"at": at}).one_or_none()


def of_list(connection: Connection, actor: Actor, wanted: Filter, at: datetime, most: int) -> Sequence[sa.Row[Any]]:
    """The `id` and `version` of the newest cases that fit, at most so many."""
    return connection.execute(newest(actor, wanted, most), {"at": at}).all()


@lru_cache(256)
def _case(actor: Actor) -> sa.Select[Any]:
    seen = sa.and_(cases.c.id == sa.bindparam("case_id"), visible(actor, AT))
    if actor.role not in STAFF:
        read = [as_read.columns(actor)["version"].label("version")]
        read += [sa.null().label(name) for name in ("event", "actor")]
        return sa.select(*read).where(seen)
    last = sa.and_(journal.c.case == cases.c.id, journal.c.version == cases.c.version)
    told = [cases.c.version, journal.c.event, journal.c.actor]
    return sa.select(*told).select_from(cases.join(journal, last)).where(seen)


@lru_cache(256)
def _subject(actor: Actor, subject: str, most: int) -> sa.Select[Any]:
    scored, its = filtered(actor, Resource.SUBJECT, AT), subjects.c.id
    told = sa.exists().where(agencies.c.id == its, filtered(actor, Resource.AGENCY, AT))
    lines = sa.select(sa.func.count()).where(ledger.c.subject == its)
    in_force = sa.select(penalties.c.id).where(penalties.c.subject == its, in_force_at(AT)).order_by(penalties.c.id)
    now_open = newest(actor, Filter(against=subject, open=True), most).subquery()
    opened = sa.select(sa.func.concat(now_open.c.id, "/", now_open.c.version))
    used = (
        sa.select(sa.func.concat(quota_slots.c.month, "/", sa.func.count()))
        .where(quota_slots.c.agency == its, quota_slots.c.given_back_at.is_(None))
        .group_by(quota_slots.c.month)
        .order_by(quota_slots.c.month.desc())
        .limit(1)
    )
    return sa.select(
        sa.case((scored, lines.scalar_subquery())),
        sa.case((scored, sa.func.array(in_force.scalar_subquery()))),
        sa.func.array(opened.scalar_subquery()),
        sa.case((told, used.scalar_subquery())),
    ).where(its == subject, sa.or_(scored, told))
