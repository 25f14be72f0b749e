"""Who sees which case, and from which side? One expression for the yes/no and the lists (`domain.md` §7, ruling 12)."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from states.situation import Actor, Standpoint
from states.terms import REVIEWERS, STAFF, Kind, Role, Side
from store.schema.cases import cases
from store.schema.parties import managements


def side(actor: Actor, at: datetime) -> sa.ColumnElement[str | None]:
    """The side of each case on which the actor sees it: reporter, respondent or null."""
    filed, against = _filed(actor), _against(actor, at)
    report, appeal = cases.c.kind == Kind.REPORT, cases.c.kind == Kind.APPEAL
    return sa.case(
        (sa.and_(report, against), Side.RESPONDENT.value),
        (sa.and_(report, filed), Side.REPORTER.value),
        (sa.and_(appeal, cases.c.filed_side == Side.RESPONDENT, against), Side.RESPONDENT.value),
        (sa.and_(appeal, cases.c.filed_side == Side.REPORTER, filed), Side.REPORTER.value),
        else_=None,
    )


def visible(actor: Actor, at: datetime) -> sa.ColumnElement[bool]:
    """The filter of what the actor sees; reviewers see the cases of their regions, other staff all."""
    if actor.role in {Role.OPS, Role.AUDITOR}:
        return sa.true()
    if actor.role in REVIEWERS:
        return cases.c.region.in_(actor.regions)
    if actor.role in STAFF:
        return sa.false()  # policy editors and approvers see rulebooks
    return side(actor, at).is_not(None)


def standpoint(connection: Connection, actor: Actor, case_id: str, at: datetime) -> Standpoint:
    """How the actor stands to a stored case. Staff outside their region do see that it exists (ruling 1)."""
    if actor.role in STAFF:
        return Standpoint()
    query = sa.select(side(actor, at), cases.c.filed_by, cases.c.filed_agency).where(cases.c.id == case_id)
    row = connection.execute(query).one_or_none()
    if row is None or row[0] is None:
        return Standpoint(sees=False)
    return Standpoint(
        side=Side(row[0]),
        filer=row.filed_by == actor.id,
        leads_filer=actor.role in {Role.OWNER, Role.TEAM_LEAD} and row.filed_agency == actor.agency,
    )


def _filed(actor: Actor) -> sa.ColumnElement[bool]:
    if actor.role in {Role.OWNER, Role.TEAM_LEAD}:
        return sa.or_(cases.c.filed_by == actor.id, cases.c.filed_agency == actor.agency)
    return cases.c.filed_by == actor.id


def _against(actor: Actor, at: datetime) -> sa.ColumnElement[bool]:
    if actor.role in {Role.OWNER, Role.TEAM_LEAD}:
        return cases.c.agency == actor.agency
    if actor.role is Role.CREATOR:
        return cases.c.respondent == actor.id
    if actor.role is not Role.AGENT:
        return sa.false()
    since = (
        sa.select(managements.c.agent)
        .where(managements.c.creator == cases.c.respondent, managements.c.since <= at)
        .order_by(managements.c.since.desc())
        .limit(1)
        .scalar_subquery()
    )
    return sa.and_(
        cases.c.agency == actor.agency,
        sa.or_(cases.c.respondent == actor.id, cases.c.agent == actor.id, since == actor.id),
    )
