"""What was forecast of a version of the rulebook when it was proposed? Kept with the proposal, and never changed."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import distinct_on

from rulebook.terms import CreatorClass, PenaltyKind
from store import seal
from store.party import Subject, subject_of
from store.penalty import STANDING, Standing
from store.schema.parties import profiles, subjects
from store.schema.rulebooks import forecasts, version_moves
from store.schema.scores import penalties

# A score: subject, scheme, period.
Key = tuple[str, str, str]
_OF_VERSION = forecasts.c.version == sa.bindparam("of_version")
_NEWEST = sa.select(forecasts).where(_OF_VERSION).order_by(forecasts.c.number.desc()).limit(1)
# Of a wave that stopped itself people have seen what it does: from then on only they stop it.
_MOST_HIT = (
    sa.select(forecasts.c.most_hit)
    .where(
        _OF_VERSION,
        ~sa.exists().where(version_moves.c.version == forecasts.c.version, version_moves.c.event == "stop_itself"),
    )
    .order_by(forecasts.c.number.desc())
    .limit(1)
)
_OF_REGION = sa.select(subjects).where(subjects.c.region == sa.bindparam("region_")).order_by(subjects.c.id)
_CLASSES = (
    sa.select(profiles.c.creator, profiles.c["class"])
    .ext(distinct_on(profiles.c.creator))
    .where(profiles.c.since <= sa.bindparam("at"))
    .order_by(profiles.c.creator, profiles.c.since.desc())
)
_CARRIED = sa.select(penalties.c.subject, penalties.c.scheme, penalties.c.period, *STANDING).where(
    penalties.c.kind == PenaltyKind.SCORE, penalties.c.lifted_at.is_(None), penalties.c.armed_at.is_(None)
)


def write(connection: Connection, values: Mapping[str, Any]) -> None:
    """Keep a forecast; `values` hold the table's columns."""
    seal.insert(connection, forecasts, values)


def read(connection: Connection, version: str) -> sa.RowMapping | None:
    """The forecast of the version's newest proposal, if it was ever proposed."""
    return connection.execute(_NEWEST, {"of_version": version}).mappings().one_or_none()


def most_hit(connection: Connection, version: str) -> int | None:
    """How many subjects the version's wave may bring a penalty before it stops itself; none: any number."""
    found: int | None = connection.execute(_MOST_HIT, {"of_version": version}).scalar()
    return found


def living_in(connection: Connection, region: str) -> Sequence[Subject]:
    """Everybody of a region, by id."""
    return [subject_of(row) for row in connection.execute(_OF_REGION, {"region_": region})]


def classes(connection: Connection, at: datetime) -> dict[str, CreatorClass]:
    """The class of each creator of whom the platform fed a profile, at a time."""
    return {row[0]: CreatorClass(row[1]) for row in connection.execute(_CLASSES, {"at": at})}


def carried(connection: Connection) -> Mapping[Key, list[Standing]]:
    """The score penalties that every score carries (`store/penalty.of_score`)."""
    found = defaultdict[Key, list[Standing]](list)
    for subject, scheme, period, *of_penalty in connection.execute(_CARRIED):
        found[subject, scheme, period].append(Standing(*of_penalty))
    return found
