"""How do agencies, people and creators come in? What the platform feeds; each line may be fed again."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from rulebook.terms import SubjectKind
from states.terms import Role
from store import seal
from store.party import Profile
from store.schema.parties import agencies, creators, managements, people, profiles, streaming_days, subjects

# Facts without a date have always been true.
ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)


async def agency(connection: AsyncConnection, agency_id: str, region: str) -> None:
    """An agency and the region that judges it."""
    await _subject(connection, agency_id, SubjectKind.AGENCY, region)
    await _upsert(connection, agencies, {"id": agency_id}, ["id"])


async def person(
    connection: AsyncConnection, person_id: str, role: Role, *, agency: str | None = None, regions: Sequence[str] = ()
) -> None:
    """Somebody who acts; `regions` are those of staff."""
    values = {"id": person_id, "role": role, "agency": agency, "regions": list(regions)}
    await _upsert(connection, people, values, ["id"])


async def creator(
    connection: AsyncConnection, creator_id: str, region: str, profile: Profile, since: datetime = ALWAYS
) -> None:
    """A creator, who also acts as a person, and what is true of the creator since then."""
    await _subject(connection, creator_id, SubjectKind.CREATOR, region)
    await _upsert(connection, creators, {"id": creator_id}, ["id"])
    await person(connection, creator_id, Role.CREATOR)
    facts = {
        "class": profile.creator_class,
        "level": profile.level,
        "followers": profile.followers,
        "average_viewers": profile.average_viewers,
    }
    await _upsert(connection, profiles, {"creator": creator_id, "since": since} | facts, ["creator", "since"])


async def management(
    connection: AsyncConnection, creator_id: str, agency_id: str | None, agent: str | None, since: datetime = ALWAYS
) -> None:
    """Who manages the creator since then; without an agency: nobody."""
    values = {"creator": creator_id, "since": since, "agency": agency_id, "agent": agent}
    await _upsert(connection, managements, values, ["creator", "since"])


async def streamed(connection: AsyncConnection, creator_id: str, day: date, hours: Decimal) -> None:
    """How many hours the creator streamed on a local day."""
    await _upsert(
        connection, streaming_days, {"creator": creator_id, "day": day, "hours": hours}, ["creator", "day"]
    )  # fmt: skip


async def _subject(connection: AsyncConnection, subject_id: str, kind: SubjectKind, region: str) -> None:
    await _upsert(connection, subjects, {"id": subject_id, "kind": kind, "region": region}, ["id"])


async def _upsert(
    connection: AsyncConnection, table: sa.Table, values: Mapping[str, object], key: Sequence[str]
) -> None:
    rest = {name: value for name, value in values.items() if name not in key} or dict(values)
    statement = insert(table).values(dict(values)).on_conflict_do_update(index_elements=list(key), set_=rest)
    await seal.upsert(connection, table, statement)
