"""Who is a person, which region judges a subject, and who managed a creator with which profile at a time?"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from rulebook.terms import CreatorClass, SubjectKind
from states.situation import Actor
from states.terms import Role
from store.schema.parties import managements, people, profiles, subjects

_PERSON = sa.select(people).where(people.c.id == sa.bindparam("person"))
_SUBJECT = sa.select(subjects).where(subjects.c.id == sa.bindparam("subject"))
_SUBJECTS = (
    sa.select(subjects).where(subjects.c.id.in_(sa.bindparam("subjects", expanding=True))).order_by(subjects.c.id)
)
# Lighter than FOR UPDATE, which the foreign keys of whatever refers to a subject would have to wait for.
_LOCK = _SUBJECTS.with_for_update(key_share=True)


def _as_of(table: sa.Table) -> sa.Select[tuple[object, ...]]:
    return (
        sa.select(table)
        .where(table.c.creator == sa.bindparam("creator"), table.c.since <= sa.bindparam("at"))
        .order_by(table.c.since.desc())
        .limit(1)
    )


_PROFILE = _as_of(profiles)
_MANAGEMENT = _as_of(managements)


@dataclass(frozen=True)
class Subject:
    """What a score belongs to, and the region that judges it."""

    id: str
    kind: SubjectKind
    region: str


@dataclass(frozen=True)
class Profile:
    """What the price of a creator's violation depends on; followers and viewers are counts of people."""

    creator_class: CreatorClass
    level: int
    followers: int
    average_viewers: int


@dataclass(frozen=True)
class Management:
    """Who manages a creator."""

    agency: str | None
    agent: str | None


def actor(connection: Connection, person: str) -> Actor | None:
    """The person as an actor, if there is one."""
    row = connection.execute(_PERSON, {"person": person}).one_or_none()
    return (
        Actor(row.id, Role(row.role), row.agency, frozenset(row.regions), frozenset(row.languages or ()))
        if row
        else None
    )


def subject(connection: Connection, subject_id: str) -> Subject | None:
    """The subject, unlocked."""
    row = connection.execute(_SUBJECT, {"subject": subject_id}).one_or_none()
    return _subject(row) if row else None


def read(connection: Connection, subject_ids: Iterable[str]) -> list[Subject]:
    """The subjects, unlocked."""
    return [_subject(row) for row in connection.execute(_SUBJECTS, {"subjects": sorted(set(subject_ids))})]


def lock(connection: Connection, subject_ids: Iterable[str]) -> list[Subject]:
    """Lock subjects, by id so that two transactions can't wait for each other, and give them in this order."""
    return [_subject(row) for row in connection.execute(_LOCK, {"subjects": sorted(set(subject_ids))})]


def _subject(row: sa.Row[tuple[object, ...]]) -> Subject:
    return Subject(row.id, SubjectKind(row.kind), row.region)


def profile(connection: Connection, creator: str, at: datetime) -> Profile | None:
    """The creator's profile at that moment (ruling 9)."""
    row = connection.execute(_PROFILE, {"creator": creator, "at": at}).mappings().one_or_none()
    if row is None:
        return None
    return Profile(CreatorClass(row["class"]), row["level"], row["followers"], row["average_viewers"])


def management(connection: Connection, creator: str, at: datetime) -> Management:
    """Who managed the creator at that moment (ruling 12)."""
    row = connection.execute(_MANAGEMENT, {"creator": creator, "at": at}).one_or_none()
    return Management(row.agency, row.agent) if row else Management(None, None)
