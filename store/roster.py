"""Who is there? Agencies, people and creators that somebody sees, by name; and what was fed of a creator, by its date.

Each page raises `RefusedError`, `invalid`, field `cursor` or `limit`. With None as actor everything is read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from rulebook.terms import SubjectKind
from states.sight import Resource
from states.situation import Actor
from states.terms import Role
from store import cursor
from store.cursor import Page
from store.schema.parties import agencies, managements, people, profiles, streaming_days, subjects
from store.sight import filtered

_AGENCIES = sa.select(agencies.c.id, subjects.c.region).join(subjects, subjects.c.id == agencies.c.id)
_PEOPLE = sa.select(people)
_FACTS = ("class", "level", "followers", "average_viewers", "since")
_MIDNIGHT = sa.func.timezone("UTC", sa.cast(streaming_days.c.day, sa.DateTime())).label("at")


@dataclass(frozen=True)
class Wanted:
    """Whose people or creators: of an agency, or those whom an agent manages."""

    agency: str | None = None
    agent: str | None = None


EVERYBODY = Wanted()


def all_agencies(connection: Connection, actor: Actor | None, at: datetime, after: str | None, limit: int) -> Page:
    """A page of the agencies: `id` and `region`."""
    query = _AGENCIES.where(_seen(actor, Resource.AGENCY, at))
    return cursor.by_name(connection, query, agencies.c.id, after, limit)


def all_people(
    connection: Connection,
    actor: Actor | None,
    at: datetime,
    wanted: Wanted,
    after: str | None,
    limit: int,
    *,
    ended: bool = False,
) -> Page:
    """A page of the people who are there, or of those who have left (`ended`), with the table's columns.

    Creators act as people too, and have a list of their own.
    """
    left = people.c.ended_at.is_not(None)
    query = _PEOPLE.where(_seen(actor, Resource.PERSON, at), left if ended else sa.not_(left))
    query = query.where(people.c.role != Role.CREATOR)
    if wanted.agency is not None:
        query = query.where(people.c.agency == wanted.agency)
    return cursor.by_name(connection, query, people.c.id, after, limit)


def one_person(connection: Connection, actor: Actor | None, name: str, at: datetime) -> sa.RowMapping | None:
    """A person who is there or has left, where the actor sees them."""
    query = _PEOPLE.where(people.c.id == name, _seen(actor, Resource.PERSON, at))
    return connection.execute(query).mappings().one_or_none()


def all_creators(
    connection: Connection, actor: Actor | None, at: datetime, wanted: Wanted, after: str | None, limit: int
) -> Page:
    """A page of the creators, as `one_creator` has them."""
    return cursor.by_name(connection, _wanted(actor, at, wanted), subjects.c.id, after, limit)


def creators_of(connection: Connection, actor: Actor | None, at: datetime, agency: str) -> Sequence[sa.RowMapping]:
    """All creators of an agency that the actor sees, as `one_creator` has them."""
    return connection.execute(_wanted(actor, at, Wanted(agency))).mappings().all()


def one_creator(connection: Connection, actor: Actor | None, name: str, at: datetime) -> sa.RowMapping | None:
    """A creator where the actor sees the score: `id`, `region`, the facts with their `since`, and who manages it since.

    `agency`, `agent` and `managed_since` are null where nobody manages the creator.
    """
    query, _ = _creators(actor, at)
    return connection.execute(query.where(subjects.c.id == name)).mappings().one_or_none()


def facts_of(connection: Connection, creator: str, after: str | None, limit: int) -> Page:
    """What was fed of a creator and since when, newest first."""
    query = sa.select(profiles, profiles.c.creator.label("id")).where(profiles.c.creator == creator)
    return cursor.newest_first(connection, query, profiles.c.since, profiles.c.creator, after, limit)


def management_of(connection: Connection, creator: str, after: str | None, limit: int) -> Page:
    """Who managed a creator since when, newest first."""
    query = sa.select(managements, managements.c.creator.label("id")).where(managements.c.creator == creator)
    return cursor.newest_first(connection, query, managements.c.since, managements.c.creator, after, limit)


def days_of(connection: Connection, creator: str, after: str | None, limit: int) -> Page:
    """The days on which a creator streamed, newest first, with their `hours`."""
    days = streaming_days.c
    query = sa.select(days.day, days.hours, days.creator.label("id"), _MIDNIGHT).where(days.creator == creator)
    return cursor.newest_first(connection, query, _MIDNIGHT, days.creator, after, limit)


def _wanted(actor: Actor | None, at: datetime, wanted: Wanted) -> sa.Select[Any]:
    query, managed = _creators(actor, at)
    own = Wanted(actor.agency, actor.id if actor.role is Role.AGENT else None) if actor else EVERYBODY
    # Whom somebody manages now is found among those whom they ever managed, of which there are few.
    for name in ("agency", "agent"):
        for value in {getattr(wanted, name), getattr(own, name)} - {None}:
            ever = sa.select(managements.c.creator).where(managements.c[name] == value)
            query = query.where(subjects.c.id.in_(ever), managed.c[name] == value)
    return query


def _creators(actor: Actor | None, at: datetime) -> tuple[sa.Select[Any], sa.FromClause]:
    managed, facts = _as_of(managements, at, "managed"), _as_of(profiles, at, "facts")
    return (
        sa.select(
            subjects.c.id,
            subjects.c.region,
            *(facts.c[name] for name in _FACTS),
            managed.c.agency,
            managed.c.agent,
            sa.case((managed.c.agency.is_not(None), managed.c.since)).label("managed_since"),
        )
        .outerjoin_from(subjects, managed, sa.true())
        .outerjoin(facts, sa.true())
        .where(subjects.c.kind == SubjectKind.CREATOR, _seen(actor, Resource.SUBJECT, at)),
        managed,
    )


def _as_of(table: sa.Table, at: datetime, name: str) -> sa.FromClause:
    """The line of a creator that is in force at a time."""
    lines = sa.select(table).where(table.c.creator == subjects.c.id, table.c.since <= at)
    return lines.order_by(table.c.since.desc()).limit(1).lateral(name)


def _seen(actor: Actor | None, resource: Resource, at: datetime) -> sa.ColumnElement[bool]:
    return sa.true() if actor is None else filtered(actor, resource, at)
