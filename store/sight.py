"""Who sees which rows, and from which side? `states/sight.py`'s rules as filters, and the facts that they ask for."""

from collections.abc import Collection
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

import states.sight
from states import condition
from states.condition import Condition, Facts
from states.sight import FACTS, Resource, rules
from states.situation import Actor, Standpoint
from states.terms import LEADS, STAFF, Role, Side
from store.schema.cases import cases
from store.schema.evidence import evidence
from store.schema.identity import api_keys
from store.schema.journal import incidents, notices, records
from store.schema.metadata import Instant
from store.schema.parties import agencies, managements, people, subjects
from store.schema.webhooks import webhooks

TABLES = {
    Resource.CASE: cases,
    Resource.EVIDENCE: evidence,
    Resource.SUBJECT: subjects,
    Resource.GOVERNED: subjects,
    Resource.AGENCY: agencies,
    Resource.PERSON: people,
    Resource.NOTICE: notices,
    Resource.INCIDENT: incidents,
    Resource.RECORD: records,
    Resource.WEBHOOK: webhooks,
    Resource.API_KEY: api_keys,
}
Column = sa.ColumnElement[Any]
# In place of a time: what is built with it is kept for the actor's next read, and asked with `at` as a parameter.
AT = sa.bindparam("at", type_=Instant)
# Made once: a new alias for each query costs a quarter of a read's time.
_REPORT, _HOLDER, _JUDGED = cases.alias("report"), people.alias("holder"), subjects.alias("judged")
_OF_REPORT = sa.select(_REPORT.c.filed_by).where(_REPORT.c.id == cases.c.of_case).scalar_subquery()
# A key of somebody who came from another agency was that one's.
_HERE = sa.or_(_HOLDER.c.since.is_(None), _HOLDER.c.since <= api_keys.c.created_at)
# The facts that are no columns of their resource's table, and don't depend on the time.
_FACTS = {
    # Who filed a report, or the report that an appeal is about.
    (Resource.CASE, "reporter"): sa.case((cases.c.of_case.is_(None), cases.c.filed_by), else_=_OF_REPORT),
    (Resource.AGENCY, "region"): sa.select(_JUDGED.c.region).where(_JUDGED.c.id == agencies.c.id).scalar_subquery(),
    (Resource.API_KEY, "agency"): sa.select(_HOLDER.c.agency)
    .where(_HOLDER.c.id == api_keys.c.person, _HERE)
    .scalar_subquery(),
}
# Those that do: who manages whom.
_MANAGED = {
    (Resource.CASE, "manager"): (managements.c.agent, cases.c.respondent),
    (Resource.SUBJECT, "agency"): (managements.c.agency, subjects.c.id),
    (Resource.SUBJECT, "agent"): (managements.c.agent, subjects.c.id),
}


def fact(resource: Resource, name: str, at: datetime | Column) -> Column:
    """A fact of the resource's rows (`FACTS`) as of a time, as an SQL expression."""
    if resource is Resource.EVIDENCE and name in FACTS[Resource.CASE]:
        its = sa.select(fact(Resource.CASE, name, at)).where(cases.c.id == evidence.c.case)
        return its.scalar_subquery()
    if managed := _MANAGED.get((resource, name)):
        return _managing(*managed, at)
    known = _FACTS.get((resource, name))
    return TABLES[resource].c[name] if known is None else known


def facts(resource: Resource) -> list[sa.Label[Any]]:
    """All facts of the resource's rows, by their names, as of the parameter `at`."""
    return [fact(resource, name, AT).label(name) for name in FACTS[resource]]


# A read asks for the same filter several times, of one actor at one moment; to build it takes as long as to ask.
_AT_ONCE = 256


@lru_cache(_AT_ONCE)
def filtered(actor: Actor, resource: Resource, at: datetime | Column) -> sa.ColumnElement[bool]:
    """The filter on the resource's table (`TABLES`) of what the actor sees at a time."""
    return sa.or_(sa.false(), *(_compiled(rule.where, actor, resource, at) for rule in rules(actor, resource)))


def visible(actor: Actor, at: datetime | Column) -> sa.ColumnElement[bool]:
    """The filter of the cases that the actor sees."""
    return filtered(actor, Resource.CASE, at)


@lru_cache(_AT_ONCE)
def side(actor: Actor, at: datetime | Column) -> sa.ColumnElement[str | None]:
    """The side of each case on which the actor sees it: reporter, respondent or null."""
    sided = [
        (_compiled(rule.where, actor, Resource.CASE, at), rule.side.value)
        for rule in rules(actor, Resource.CASE)
        if rule.side is not None
    ]
    return sa.case(*sided, else_=None) if sided else sa.cast(sa.null(), sa.Text)


def charged(actor: Actor, at: datetime) -> sa.ColumnElement[bool]:
    """The filter of the cases that a party sees as respondent."""
    return side(actor, at) == Side.RESPONDENT.value


def sees(connection: Connection, actor: Actor, resource: Resource, key: str | int, at: datetime) -> bool:
    """Whether the actor sees the row of that primary key; what is not there is not seen."""
    row = known(connection, resource, key, at)
    return row is not None and states.sight.sees(actor, resource, row)


def seen(
    connection: Connection, actor: Actor, resource: Resource, keys: Collection[str], at: datetime
) -> frozenset[str]:
    """Those of the rows of these primary keys that the actor sees."""
    (primary,) = TABLES[resource].primary_key.columns
    query = sa.select(primary).where(primary.in_(sorted(keys)), filtered(actor, resource, at))
    return frozenset(connection.execute(query).scalars())


def known(connection: Connection, resource: Resource, key: str | int, at: datetime) -> Facts | None:
    """The facts (`FACTS`) of the row of that primary key, as they are at a time; none where there is no such row."""
    row = connection.execute(_of_key(resource), {"key": key, "at": at}).mappings().one_or_none()
    return None if row is None else {name: row[name] for name in FACTS[resource]}


@cache
def _of_key(resource: Resource) -> sa.Select[Any]:
    (primary,) = TABLES[resource].primary_key.columns
    return sa.select(primary.label("key"), *facts(resource)).where(primary == sa.bindparam("key"))


def standpoint(connection: Connection, actor: Actor, case_id: str, at: datetime) -> Standpoint:
    """How the actor stands to a stored case. Staff outside their region do see that it exists (ruling 1)."""
    if actor.role in STAFF:
        return Standpoint()
    row = known(connection, Resource.CASE, case_id, at)
    return Standpoint(sees=False) if row is None else stand(actor, row)


def stand(actor: Actor, case: Facts) -> Standpoint:
    """The same, of the case's facts."""
    if actor.role in STAFF:
        return Standpoint()
    its = states.sight.stands(actor, case)
    return Standpoint(
        sees=its is not None,
        side=its,
        # Who has changed sides since is no filer any more: they would withdraw what is reported of their own.
        filer=its is not None and case["filed_by"] == actor.id and case["filed_side"] == its,
        leads_filer=its is not None and actor.role in LEADS and case["filed_agency"] == actor.agency,
    )


@lru_cache(_AT_ONCE)
def about(actor: Actor, at: datetime | Column) -> Column:
    """Whom of `about` the actor reads of a case: as the respondent its own creators alone (ruling 17)."""
    if actor.role in STAFF:
        return cases.c.about
    named = sa.func.unnest(cases.c.about).table_valued("creator", with_ordinality="place").render_derived()
    own = sa.select(named.c.creator).where(_own_creator(actor, named.c.creator, at)).order_by(named.c.place)
    alone = sa.func.array(own.correlate(cases).scalar_subquery())
    return sa.case((side(actor, at) == Side.REPORTER, cases.c.about), else_=alone)


def named(connection: Connection, actor: Actor, case_id: str, at: datetime) -> list[str]:
    """Whom the case is about, as the actor reads it."""
    found = connection.execute(_named(actor), {"case_id": case_id, "at": at}).scalar()
    return list(found or ())


@lru_cache(_AT_ONCE)
def _named(actor: Actor) -> sa.Select[Any]:
    return sa.select(about(actor, AT)).where(cases.c.id == sa.bindparam("case_id"))


def _own_creator(actor: Actor, creator: Column, at: datetime | Column) -> Column:
    """Whether it is the actor, or whom the actor's agency, or the agent alone, manages or did when it happened."""
    own = {managements.c.agency: actor.agency} if actor.agency else {}
    own |= {managements.c.agent: actor.id} if actor.role is Role.AGENT else {}
    times = (at, cases.c.occurred_at) if own else ()
    managed = (sa.and_(*(_managing(what, creator, time) == who for what, who in own.items())) for time in times)
    return sa.or_(creator == actor.id, *managed)


def _compiled(where: Condition, actor: Actor, resource: Resource, at: datetime | Column) -> sa.ColumnElement[bool]:
    match where:
        case condition.All(parts):
            return sa.and_(sa.true(), *(_compiled(part, actor, resource, at) for part in parts))
        case condition.Any(parts):
            return sa.or_(sa.false(), *(_compiled(part, actor, resource, at) for part in parts))
        case condition.Is(name, value):
            given = fact(resource, name, at)
            return given.is_(None) if value is None else given == value
        case condition.Since(name):
            return sa.true() if actor.since is None else fact(resource, name, at) >= actor.since
        case condition.Mine(name, own):
            return _one_of(fact(resource, name, at), sorted(condition.owned(actor, own)))
    raise TypeError(f"no condition: {where}")


def _one_of(column: Column, values: list[str]) -> sa.ColumnElement[bool]:
    if not values:
        return sa.false()
    return column == values[0] if len(values) == 1 else column.in_(values)


def _managing(what: sa.Column[Any], creator: Column, at: datetime | Column) -> Column:
    """Who manages the creator at a time: by the newest row of `managements` that had begun."""
    line = sa.select(what).where(managements.c.creator == creator, managements.c.since <= at)
    return line.order_by(managements.c.since.desc()).limit(1).correlate_except(managements).scalar_subquery()
