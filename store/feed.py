"""How does what the platform feeds reach the tables? By upserts, so that anything may be fed again.

A subject is locked before its rows are written, as commits do, with a lock that foreign keys need not wait for.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from rulebook.terms import SubjectKind
from states.terms import Role
from store import party, seal
from store.party import Person, Profile, Subject
from store.schema.parties import agencies, creators, managements, people, profiles, seats, streaming_days, subjects

# Facts without a date have always been true.
ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
_NEWER = managements.alias("newer")
# Lines that are in force at a time, or will be.
_MANAGED_BY = sa.select(managements).where(
    managements.c.agent == sa.bindparam("managing"),
    ~sa.exists().where(
        _NEWER.c.creator == managements.c.creator,
        _NEWER.c.since > managements.c.since,
        _NEWER.c.since <= sa.bindparam("at"),
    ),
)


def agency(connection: Connection, agency_id: str, region: str) -> None:
    """An agency and the region that judges it."""
    _subject(connection, agency_id, SubjectKind.AGENCY, region)
    _upsert(connection, agencies, {"id": agency_id}, ["id"])


def person(
    connection: Connection,
    person_id: str,
    role: Role,
    *,
    agency: str | None = None,
    regions: Sequence[str] = (),
    languages: Sequence[str] = (),
) -> None:
    """A person who can act; `regions` and `languages` are those of staff (no languages: all)."""
    values = {
        "id": person_id,
        "role": role,
        "agency": agency,
        "regions": list(regions),
        "languages": list(languages) or None,
    }
    _upsert(connection, people, values, ["id"])


def seat(connection: Connection, known: Person, role: Role, agency: str | None, since: datetime) -> None:
    """Somebody who is known has another role or agency since then, or has come back to it; they keep what they had."""
    had, who = known.actor, {"person": known.actor.id}
    for row in (
        {"since": had.since or ALWAYS, "role": had.role, "agency": had.agency, "ended_at": known.ended_at},
        {"since": since, "role": role, "agency": agency, "ended_at": None},
    ):
        _upsert(connection, seats, who | row, ["person", "since"])
    values = {"id": had.id, "role": role, "agency": agency, "since": since, "ended_at": None}
    _upsert(connection, people, values, ["id"])


def ended(connection: Connection, person_id: str, at: datetime) -> None:
    """A person has left."""
    seal.update(connection, people, {"id": person_id}, ended_at=at)


def without_agent(connection: Connection, agent: str, at: datetime) -> None:
    """The creators whom the agent manages, or is to manage, are their agency's own from then on."""
    lines = connection.execute(_MANAGED_BY, {"managing": agent, "at": at}).all()
    party.lock(connection, {line.creator for line in lines})
    for line in lines:
        values = {"creator": line.creator, "since": max(line.since, at), "agency": line.agency, "agent": None}
        _upsert(connection, managements, values, ["creator", "since"])


def creator(connection: Connection, creator_id: str, region: str, profile: Profile, since: datetime = ALWAYS) -> None:
    """A creator, who also acts as a person, and what is true of the creator since then."""
    _subject(connection, creator_id, SubjectKind.CREATOR, region)
    _upsert(connection, creators, {"id": creator_id}, ["id"])
    person(connection, creator_id, Role.CREATOR)
    facts = {
        "class": profile.creator_class,
        "level": profile.level,
        "followers": profile.followers,
        "average_viewers": profile.average_viewers,
    }
    _upsert(connection, profiles, {"creator": creator_id, "since": since} | facts, ["creator", "since"])


def management(
    connection: Connection, creator_id: str, agency_id: str | None, agent: str | None, since: datetime = ALWAYS
) -> None:
    """Who manages the creator since then; without an agency: nobody."""
    party.lock(connection, [creator_id])
    values = {"creator": creator_id, "since": since, "agency": agency_id, "agent": agent}
    _upsert(connection, managements, values, ["creator", "since"])


def streamed(connection: Connection, creator_id: str, day: date, hours: Decimal) -> bool:
    """How many hours the creator streamed on a local day; say whether that is new."""
    values = {"creator": creator_id, "day": day, "hours": hours}
    return _upsert(connection, streaming_days, values, ["creator", "day"])


def _subject(connection: Connection, subject_id: str, kind: SubjectKind, region: str) -> None:
    """Lock the subject, and write it unless it is unchanged."""
    fed = Subject(subject_id, kind, region)
    if party.lock(connection, [subject_id]) != [fed]:
        _upsert(connection, subjects, vars(fed), ["id"])


def _upsert(connection: Connection, table: sa.Table, values: Mapping[str, object], key: Sequence[str]) -> bool:
    """Insert the row, or update the columns outside its key where others are there; say whether it was written."""
    rest = {name: value for name, value in values.items() if name not in key}
    new = insert(table).values(dict(values))
    if not rest:
        return seal.upsert(connection, table, new.on_conflict_do_nothing())
    differs = sa.or_(*(table.c[name].is_distinct_from(value) for name, value in rest.items()))
    changed = new.on_conflict_do_update(index_elements=list(key), set_=rest, where=differs)
    return seal.upsert(connection, table, changed)
