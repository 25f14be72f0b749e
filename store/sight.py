"""Who sees which rows, and from which side? `states/sight.py`'s rules as filters, and the facts that they ask for."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from states import condition
from states.condition import Condition
from states.sight import FACTS, Resource, rules
from states.situation import Actor, Standpoint
from states.terms import LEADS, STAFF, Role, Side
from store.schema.cases import cases
from store.schema.evidence import evidence
from store.schema.identity import api_keys
from store.schema.journal import incidents, notices
from store.schema.parties import agencies, managements, people, subjects
from store.schema.webhooks import webhooks

TABLES = {
    Resource.CASE: cases,
    Resource.EVIDENCE: evidence,
    Resource.SUBJECT: subjects,
    Resource.AGENCY: agencies,
    Resource.PERSON: people,
    Resource.NOTICE: notices,
    Resource.INCIDENT: incidents,
    Resource.WEBHOOK: webhooks,
    Resource.API_KEY: api_keys,
}
Column = sa.ColumnElement[Any]
# Made once: a new alias for each query costs a quarter of a read's time.
_REPORT, _HOLDER, _JUDGED = cases.alias("report"), people.alias("holder"), subjects.alias("judged")


def facts(resource: Resource, at: datetime) -> dict[str, Column]:
    """The facts of a resource's rows that are no plain columns of its table, as of a time, as SQL expressions."""
    agency, agent = managements.c.agency, managements.c.agent
    if resource is Resource.CASE:
        return {"manager": _managing(agent, cases.c.respondent, at), "reporter": _reporter()}
    if resource is Resource.EVIDENCE:
        of = {column.name: column for column in cases.c} | facts(Resource.CASE, at)
        return {name: _of_its_case(of[name]) for name in FACTS[Resource.CASE]}
    if resource is Resource.SUBJECT:
        return {"agency": _managing(agency, subjects.c.id, at), "agent": _managing(agent, subjects.c.id, at)}
    if resource is Resource.AGENCY:
        return {"region": sa.select(_JUDGED.c.region).where(_JUDGED.c.id == agencies.c.id).scalar_subquery()}
    if resource is Resource.API_KEY:
        # A key of somebody who came from another agency was that one's.
        here = sa.or_(_HOLDER.c.since.is_(None), _HOLDER.c.since <= api_keys.c.created_at)
        holder = sa.select(_HOLDER.c.agency).where(_HOLDER.c.id == api_keys.c.person, here)
        return {"agency": holder.scalar_subquery()}
    return {}


# A read asks for the same filter several times, of one actor at one moment; to build it takes as long as to ask.
_AT_ONCE = 256


@lru_cache(_AT_ONCE)
def filtered(actor: Actor, resource: Resource, at: datetime) -> sa.ColumnElement[bool]:
    """The filter on the resource's table (`TABLES`) of what the actor sees at a time."""
    known = {column.name: column for column in TABLES[resource].c} | facts(resource, at)
    return sa.or_(sa.false(), *(_compiled(rule.where, actor, known) for rule in rules(actor, resource)))


def visible(actor: Actor, at: datetime) -> sa.ColumnElement[bool]:
    """The filter of the cases that the actor sees."""
    return filtered(actor, Resource.CASE, at)


@lru_cache(_AT_ONCE)
def side(actor: Actor, at: datetime) -> sa.ColumnElement[str | None]:
    """The side of each case on which the actor sees it: reporter, respondent or null."""
    known = {column.name: column for column in cases.c} | facts(Resource.CASE, at)
    sided = [
        (_compiled(rule.where, actor, known), rule.side.value)
        for rule in rules(actor, Resource.CASE)
        if rule.side is not None
    ]
    return sa.case(*sided, else_=None) if sided else sa.cast(sa.null(), sa.Text)


def charged(actor: Actor, at: datetime) -> sa.ColumnElement[bool]:
    """The filter of the cases that a party sees as respondent."""
    return side(actor, at) == Side.RESPONDENT.value


def sees(connection: Connection, actor: Actor, resource: Resource, key: str | int, at: datetime) -> bool:
    """Whether the actor sees the row of that primary key; what is not there is not seen."""
    table = TABLES[resource]
    (primary,) = table.primary_key.columns
    query = sa.select(sa.literal(1)).where(primary == key, filtered(actor, resource, at))
    return connection.execute(query).first() is not None


def known(connection: Connection, resource: Resource, key: str | int, at: datetime) -> dict[str, str | None] | None:
    """The facts (`FACTS`) of the row of that primary key, as they are at a time; none where there is no such row."""
    table = TABLES[resource]
    (primary,) = table.primary_key.columns
    columns = {column.name: column for column in table.c} | facts(resource, at)
    query = sa.select(*(columns[name].label(name) for name in FACTS[resource])).where(primary == key)
    row = connection.execute(query).mappings().one_or_none()
    return {name: row[name] for name in FACTS[resource]} if row else None


def standpoint(connection: Connection, actor: Actor, case_id: str, at: datetime) -> Standpoint:
    """How the actor stands to a stored case. Staff outside their region do see that it exists (ruling 1)."""
    if actor.role in STAFF:
        return Standpoint()
    filed = (cases.c.filed_by, cases.c.filed_side, cases.c.filed_agency)
    row = connection.execute(sa.select(side(actor, at), *filed).where(cases.c.id == case_id)).one_or_none()
    if row is None or row[0] is None:
        return Standpoint(sees=False)
    return Standpoint(
        side=Side(row[0]),
        # Who has changed sides since is no filer any more: they would withdraw what is reported of their own.
        filer=row.filed_by == actor.id and row.filed_side == row[0],
        leads_filer=actor.role in LEADS and row.filed_agency == actor.agency,
    )


@lru_cache(_AT_ONCE)
def about(actor: Actor, at: datetime) -> Column:
    """Whom of `about` the actor reads of a case: as the respondent its own creators alone (ruling 17)."""
    if actor.role in STAFF:
        return cases.c.about
    named = sa.func.unnest(cases.c.about).table_valued("creator", with_ordinality="place").render_derived()
    own = sa.select(named.c.creator).where(_own_creator(actor, named.c.creator, at)).order_by(named.c.place)
    alone = sa.func.array(own.correlate(cases).scalar_subquery())
    return sa.case((side(actor, at) == Side.REPORTER, cases.c.about), else_=alone)


def named(connection: Connection, actor: Actor, case_id: str, at: datetime) -> list[str]:
    """Whom the case is about, as the actor reads it."""
    found = connection.execute(sa.select(about(actor, at)).where(cases.c.id == case_id)).scalar()
    return list(found or ())


def _own_creator(actor: Actor, creator: Column, at: datetime) -> Column:
    """Whether it is the actor, or whom the actor's agency, or the agent alone, manages or did when it happened."""
    own = {managements.c.agency: actor.agency} if actor.agency else {}
    own |= {managements.c.agent: actor.id} if actor.role is Role.AGENT else {}
    times = (at, cases.c.occurred_at) if own else ()
    managed = (sa.and_(*(_managing(what, creator, time) == who for what, who in own.items())) for time in times)
    return sa.or_(creator == actor.id, *managed)


def _compiled(where: Condition, actor: Actor, known: Mapping[str, Column]) -> sa.ColumnElement[bool]:
    match where:
        case condition.All(parts):
            return sa.and_(sa.true(), *(_compiled(part, actor, known) for part in parts))
        case condition.Any(parts):
            return sa.or_(sa.false(), *(_compiled(part, actor, known) for part in parts))
        case condition.Is(fact, value):
            return known[fact].is_(None) if value is None else known[fact] == value
        case condition.Since(fact):
            return sa.true() if actor.since is None else known[fact] >= actor.since
        case condition.Mine(fact, own):
            return _one_of(known[fact], sorted(condition.owned(actor, own)))
    raise TypeError(f"no condition: {where}")


def _one_of(column: Column, values: list[str]) -> sa.ColumnElement[bool]:
    if not values:
        return sa.false()
    return column == values[0] if len(values) == 1 else column.in_(values)


def _reporter() -> Column:
    """Who filed a report, or the report that an appeal is about."""
    of_report = sa.select(_REPORT.c.filed_by).where(_REPORT.c.id == cases.c.of_case).scalar_subquery()
    return sa.case((cases.c.of_case.is_(None), cases.c.filed_by), else_=of_report)


def _of_its_case(fact: Column) -> Column:
    """A fact of the case that evidence was brought to."""
    return sa.select(fact).where(cases.c.id == evidence.c.case).scalar_subquery()


def _managing(what: sa.Column[Any], creator: Column, at: datetime | Column) -> Column:
    """Who manages the creator at a time: by the newest row of `managements` that had begun."""
    line = sa.select(what).where(managements.c.creator == creator, managements.c.since <= at)
    return line.order_by(managements.c.since.desc()).limit(1).correlate_except(managements).scalar_subquery()
