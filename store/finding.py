"""What is called so? Cases, people and subjects that the reader sees, by their id or its beginning."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from states.sight import Resource
from states.situation import Actor
from states.terms import Role
from store.schema.cases import cases
from store.schema.parties import people, subjects
from store.sight import filtered

MOST = 20
# A creator acts as a person too, and is found as the subject that they are.
_PEOPLE = people.c.role != Role.CREATOR


def cases_called(connection: Connection, actor: Actor, at: datetime, words: str) -> list[dict[str, Any]]:
    """Cases with `id`, `kind`, `status`, `respondent`, `clause`, `filed_at`."""
    shown = (cases.c.id, cases.c.kind, cases.c.status, cases.c.respondent, cases.c.clause, cases.c.filed_at)
    return _read(connection, sa.select(*shown), cases.c.id, words, filtered(actor, Resource.CASE, at))


def people_called(connection: Connection, actor: Actor, at: datetime, words: str) -> list[dict[str, Any]]:
    """People with `id`, `role`, `agency`; also those who have left."""
    shown = sa.select(people.c.id, people.c.role, people.c.agency).where(_PEOPLE)
    return _read(connection, shown, people.c.id, words, filtered(actor, Resource.PERSON, at))


def subjects_called(connection: Connection, actor: Actor, at: datetime, words: str) -> list[dict[str, Any]]:
    """Agencies and creators with `id`, `kind`, `region`."""
    shown = sa.select(subjects.c.id, subjects.c.kind, subjects.c.region)
    return _read(connection, shown, subjects.c.id, words, filtered(actor, Resource.SUBJECT, at))


def _read(
    connection: Connection, shown: sa.Select[Any], name: sa.Column[str], words: str, seen: sa.ColumnElement[bool]
) -> list[dict[str, Any]]:
    """The rows whose name begins so, the shortest first: what is called exactly so is the first."""
    found = shown.where(name.startswith(words, autoescape=True), seen)
    return [dict(row) for row in connection.execute(found.order_by(sa.func.length(name), name).limit(MOST)).mappings()]
