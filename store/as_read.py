"""How does somebody read a case's row? Staff as it is; parties without proposed verdict and notes (rulings 16, 25).

While a second vote is awaited the parties read the report as claimed. Claims that are renewed they don't read: so one
that lasts longer than a lease tells nothing. What they don't read of the journal doesn't count in their `version`. The
respondent reads of `about` its own creators (ruling 17).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from states.sight import Resource, sees
from states.situation import Actor, Standpoint
from states.terms import STAFF, Status
from store.case import Case
from store.case import of as of_row
from store.schema.cases import cases
from store.schema.journal import journal
from store.sight import AT, about, facts, named, stand

Column = sa.ColumnElement[Any]
_AWAITED, _READ = Status.AWAITING_APPROVAL, Status.AWAITING_APPROVAL.to_parties
# The lines of the journal that parties don't read.
UNREAD = sa.or_(journal.c.target == _AWAITED, journal.c.event.in_(["renew", "note"]))


def _unread(case: Column) -> sa.Select[Any]:
    """How many lines of a case's journal its parties don't read: verdicts before a second person, renewed claims."""
    lines = sa.select(sa.func.count()).where(journal.c.case == case, UNREAD)
    return lines.where(journal.c.event != "note")  # the row counts these itself: no party's reading finds them


_UNREAD = _unread(sa.bindparam("case_id"))
_CASE = sa.select(cases, *(one for one in facts(Resource.CASE) if one.name not in cases.c)).where(
    cases.c.id == sa.bindparam("case_id")
)


@dataclass(frozen=True)
class Found:
    """A case as somebody reads it, whether they see it, and how they stand to it; who doesn't may be told nothing."""

    case: Case
    seen: bool
    standpoint: Standpoint


def of(connection: Connection, actor: Actor, case: Case) -> Case:
    """The case in hand, whose change may not be written yet, as the actor reads how it stands."""
    return case if actor.role in STAFF else to_parties(connection, case)


def to_parties(connection: Connection, case: Case) -> Case:
    """The case in hand as its parties read how it stands."""
    version = case.version - (case.notes or 0)
    if case.ever_claimed:  # before, there is nothing that they don't read
        version -= connection.execute(_UNREAD, {"case_id": case.id}).scalar_one()
    if case.status is not _AWAITED:
        return replace(case, version=version)
    return replace(case, version=version, status=_READ, claimed_by=case.proposer, proposer=None)


def find(connection: Connection, actor: Actor, case_id: str, at: datetime) -> Found | None:
    """The case as the actor reads it, and how they stand to it; none where there is no such case."""
    found = connection.execute(_CASE, {"case_id": case_id, "at": at}).mappings().one_or_none()
    if found is None:
        return None
    row = dict(found)
    seen, standpoint = sees(actor, Resource.CASE, row), stand(actor, row)
    case = of_row(row)
    if not seen or actor.role in STAFF:
        return Found(case, seen, standpoint)
    read = to_parties(connection, case)
    # Most cases are about nobody but the respondent.
    return Found(replace(read, about=named(connection, actor, case_id, at)) if case.about else read, seen, standpoint)


@lru_cache(256)
def columns(actor: Actor) -> Mapping[str, Column]:
    """The columns of `cases` by name, as the actor reads them at the time that is the parameter `at`."""
    own: dict[str, Column] = {column.name: column for column in cases.c}
    if actor.role in STAFF:
        return own
    awaited = cases.c.status == _AWAITED
    return own | {
        "status": _instead(awaited, _READ, cases.c.status),
        "stage": _instead(awaited, _READ.stage, cases.c.stage),
        "version": cases.c.version - sa.func.coalesce(cases.c.notes, 0) - _unread(cases.c.id).scalar_subquery(),
        "claimed_by": _instead(awaited, cases.c.proposer, cases.c.claimed_by),
        "proposer": sa.cast(sa.null(), sa.Text),
        "about": about(actor, AT),
    }


def _instead(where: Column, value: Column | str, otherwise: Column) -> Column:
    return sa.case((where, value), else_=otherwise)
