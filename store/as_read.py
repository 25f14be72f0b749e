"""How does somebody read a case's row? The staff as it is; the parties without a proposed verdict (ruling 16).

While a second vote is awaited the parties read the report as claimed. What they don't read of the journal doesn't count
in their `version`, so that it does not tell of it either. `of` is for a case in hand, `columns` for a query of rows.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from states.situation import Actor
from states.terms import STAFF, Status
from store.case import Case
from store.schema.cases import cases
from store.schema.journal import journal

Column = sa.ColumnElement[Any]
_AWAITED, _READ = Status.AWAITING_APPROVAL, Status.AWAITING_APPROVAL.to_parties


def _unread(case: Column) -> sa.Select[Any]:
    """How many lines of a case's journal its parties don't read: those that put a verdict before a second person."""
    return sa.select(sa.func.count()).where(journal.c.case == case, journal.c.target == _AWAITED)


_UNREAD = _unread(sa.bindparam("case_id"))


def of(connection: Connection, actor: Actor, case: Case) -> Case:
    """The case as the actor reads it."""
    return case if actor.role in STAFF else to_parties(connection, case)


def to_parties(connection: Connection, case: Case) -> Case:
    """The case as its parties read it: also a change that is in hand and not yet written, if a party made it."""
    if not case.deciders:
        return case  # nobody has proposed anything
    version = case.version - connection.execute(_UNREAD, {"case_id": case.id}).scalar_one()
    if case.status is not _AWAITED:
        return replace(case, version=version)
    return replace(case, version=version, status=_READ, claimed_by=case.proposer, proposer=None)


def columns(actor: Actor) -> Mapping[str, Column]:
    """The columns of `cases` by name, as the actor reads them."""
    own: dict[str, Column] = {column.name: column for column in cases.c}
    if actor.role in STAFF:
        return own
    awaited = cases.c.status == _AWAITED
    return own | {
        "status": _instead(awaited, _READ, cases.c.status),
        "stage": _instead(awaited, _READ.stage, cases.c.stage),
        "version": cases.c.version - _unread(cases.c.id).scalar_subquery(),
        "claimed_by": _instead(awaited, cases.c.proposer, cases.c.claimed_by),
        "proposer": sa.cast(sa.null(), sa.Text),
    }


def _instead(where: Column, value: Column | str, otherwise: Column) -> Column:
    return sa.case((where, value), else_=otherwise)
