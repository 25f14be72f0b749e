"""Who is a person, in which seat; which region judges a subject; and who managed a creator with which profile?"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from rulebook.terms import CreatorClass, SubjectKind
from states.situation import Actor
from states.terms import Role
from store.lock import hold, share
from store.schema.parties import managements, people, profiles, seats, subjects

_PERSON = sa.select(people).where(people.c.id == sa.bindparam("person"))
# Whoever changes the person's seat waits for those who act in it, and they for the change.
_PERSON_HELD = _PERSON.with_for_update(read=True)
_PERSON_LOCKED = _PERSON.with_for_update(key_share=True)
_IN_ROLE = (
    sa.select(people.c.id)
    .where(people.c.role == sa.bindparam("role_"), people.c.ended_at.is_(None))
    .order_by(people.c.id)
)
_SEAT = (
    sa.select(seats.c.role, seats.c.agency, seats.c.ended_at)
    .where(seats.c.person == sa.bindparam("person"), seats.c.since <= sa.bindparam("at"))
    .order_by(seats.c.since.desc())
    .limit(1)
)
_SUBJECT = sa.select(subjects).where(subjects.c.id == sa.bindparam("subject"))
_SUBJECTS = (
    sa.select(subjects).where(subjects.c.id.in_(sa.bindparam("subjects", expanding=True))).order_by(subjects.c.id)
)
# Lighter than FOR UPDATE, which the foreign keys of whatever refers to a subject would have to wait for.
_LOCK = _SUBJECTS.with_for_update(key_share=True)

_LIVED_IN = (
    sa.select(subjects.c.region)
    .where(subjects.c.region.in_(sa.bindparam("regions", expanding=True)))
    .distinct()
    .order_by(subjects.c.region)
)

# How many places the ring of subjects has.
RING = 2**32


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
class Person:
    """Somebody who is known, also where they have left: as an actor, and since when they are gone."""

    actor: Actor
    ended_at: datetime | None


@dataclass(frozen=True)
class Subject:
    """What a score belongs to, and the region that judges it."""

    id: str
    kind: SubjectKind
    region: str

    @property
    def place(self) -> int:
        """Where it stands on the ring that a version's wave goes round, as the row's column `place` says."""
        return int.from_bytes(hashlib.md5(self.id.encode(), usedforsecurity=False).digest()[:4])


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


def actor(connection: Connection, person: str, *, hold: bool = False) -> Actor | None:
    """The person as an actor, if there is one; who has left is none (ruling 23).

    `hold` keeps them in their seat until the transaction ends.
    """
    return acting(connection.execute(_PERSON_HELD if hold else _PERSON, {"person": person}).one_or_none())


def acting(row: sa.Row[Any] | None) -> Actor | None:
    """The actor whom a row with the columns of `people` is about; who has left is none."""
    found = _known(row)
    return found.actor if found is not None and found.ended_at is None else None


def person(connection: Connection, person_id: str, *, lock: bool = False) -> Person | None:
    """The person, also one who has left; `lock` keeps others from acting as them until the transaction ends."""
    return _known(connection.execute(_PERSON_LOCKED if lock else _PERSON, {"person": person_id}).one_or_none())


def _known(row: sa.Row[Any] | None) -> Person | None:
    if row is None:
        return None
    regions, languages = frozenset(row.regions), frozenset(row.languages or ())
    return Person(Actor(row.id, Role(row.role), row.agency, regions, languages, row.since), row.ended_at)


def agency_of_agent(connection: Connection, agent: str, at: datetime) -> str | None:
    """The agency whose agent the person was at that moment, if they were one."""
    known = person(connection, agent)
    if known is None or (known.ended_at is not None and at >= known.ended_at):
        return None
    seat = connection.execute(_SEAT, {"person": agent, "at": at}).one_or_none()
    role, agency, ended_at = seat or (known.actor.role, known.actor.agency, None)
    there = role == Role.AGENT and (ended_at is None or at < ended_at)
    return agency if there else None


def in_role(connection: Connection, role: Role) -> list[str]:
    """Those who have the role now, by id."""
    return list(connection.execute(_IN_ROLE, {"role_": role}).scalars())


def subject(connection: Connection, subject_id: str) -> Subject | None:
    """The subject, unlocked."""
    row = connection.execute(_SUBJECT, {"subject": subject_id}).one_or_none()
    return subject_of(row) if row else None


def share_region(connection: Connection, region: str) -> None:
    """Let nobody empty the region for good until the transaction ends: somebody is about to live there."""
    share(connection, f"region/{region}")


def lived_in(connection: Connection, regions: Iterable[str]) -> list[str]:
    """Those of the regions in which a subject lives, and in which nobody else begins to until the transaction ends."""
    for region in (wanted := sorted(regions)):
        hold(connection, f"region/{region}")
    return list(connection.execute(_LIVED_IN, {"regions": wanted}).scalars())


def read(connection: Connection, subject_ids: Iterable[str]) -> list[Subject]:
    """The subjects, unlocked."""
    return [subject_of(row) for row in connection.execute(_SUBJECTS, {"subjects": sorted(set(subject_ids))})]


def lock(connection: Connection, subject_ids: Iterable[str]) -> list[Subject]:
    """Lock subjects, by id so that two transactions can't wait for each other, and give them in this order."""
    return [subject_of(row) for row in connection.execute(_LOCK, {"subjects": sorted(set(subject_ids))})]


def subject_of(row: sa.Row[Any]) -> Subject:
    """The subject that a row with the columns of `subjects` is about."""
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
