"""From when is each version of the rulebook in force in each region, and which subjects has its wave reached?

Subjects stand on a ring of 2^32 places (`Subject.place`). A version's wave goes round it once, from `turn`: a subject
is reached if it stands at or before the wave's cursor. A wave that is taken back goes round again, and releases.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from states.situation import ENGINE
from states.version_terms import VersionStatus
from store import seal
from store.party import RING, Subject
from store.schema.rulebooks import rollouts, version_moves, versions

NOBODY = -1
EVERYBODY = RING
# A wave's cursor: the last subject's distance on the ring from the wave's turn, and its id, as two may share a place.
Cursor = tuple[int, str]
# Those that were ever approved, and not withdrawn.
EVER = [
    VersionStatus.APPROVED,
    VersionStatus.ROLLING_OUT,
    VersionStatus.HALTED,
    VersionStatus.IN_FORCE,
    VersionStatus.RETIRED,
    VersionStatus.TAKING_BACK,
    VersionStatus.TAKEN_BACK,
]
_DATED = (
    sa.select(versions.c.digest, versions.c.follows, versions.c.status, rollouts)
    .join(rollouts, rollouts.c.version == versions.c.digest)
    .where(versions.c.status.in_(EVER))
    .order_by(rollouts.c.in_force_from, rollouts.c.region)
)
_IN_FORCE = sa.select(versions.c.digest).where(versions.c.status == VersionStatus.IN_FORCE)


@dataclass(frozen=True)
class Dated:
    """A version in one region: in force there from `since`, as far as its wave has come.

    The wave has `seen` so many subjects, of whom so many were `hit`: they got another penalty. `stood` is how far it
    had come when a year ended, where it went on after that.
    """

    digest: str
    follows: str | None
    status: VersionStatus
    region: str
    since: datetime
    turn: int
    reached: Cursor
    released: Cursor
    seen: int
    hit: int
    stood: Mapping[str, Cursor] = field(default_factory=dict)

    @property
    def taken_back(self) -> bool:
        """Whether it judges nothing any more that is filed now."""
        return self.status in {VersionStatus.TAKING_BACK, VersionStatus.TAKEN_BACK}

    @property
    def through(self) -> bool:
        """Whether its wave has reached everybody in the region."""
        return self.reached[0] == EVERYBODY

    @property
    def undone(self) -> bool:
        """Whether it has released everybody in the region."""
        return self.released[0] == EVERYBODY

    def has_reached(self, subject: Subject, year: str | None = None) -> bool:
        """Whether its wave has come to the subject, or had when a year ended that is over."""
        return self.distance(subject) <= self.stood.get(year or "", self.reached)

    def has_released(self, subject: Subject) -> bool:
        """Whether it was taken back, and for the subject it is as if it had never been."""
        return self.taken_back and self.distance(subject) <= self.released

    def distance(self, subject: Subject) -> Cursor:
        """How far the subject is on the wave's way: it is reached when the cursor is there."""
        return (subject.place - self.turn) % RING, subject.id


def read(connection: Connection) -> Sequence[Dated]:
    """Every version that was ever approved, in each of its regions, by the time from which it is in force there."""
    return [_dated(row) for row in connection.execute(_DATED)]


def waves(connection: Connection, digest: str) -> list[Dated]:
    """A version that was ever approved, in each of its regions, the earliest date first."""
    return [one for one in read(connection) if one.digest == digest]


def plan(connection: Connection, digest: str, dates: Mapping[str, datetime]) -> None:
    """Set from when on a version is in force in each region; its wave has reached nobody.

    It begins elsewhere than that of other versions, so that the same subjects aren't always the first.
    """
    nobody = {"reached": NOBODY, "reached_id": "", "released": NOBODY, "released_id": "", "seen": 0, "hit": 0}
    of_version = {"version": digest, "turn": int(digest[:8], 16)} | nobody
    seal.insert(connection, rollouts, [of_version | {"region": r, "in_force_from": at} for r, at in dates.items()])


def _dated(row: sa.Row[tuple[object, ...]]) -> Dated:
    return Dated(
        row.digest,
        row.follows,
        VersionStatus(row.status),
        row.region,
        row.in_force_from,
        row.turn,
        (row.reached, row.reached_id),
        (row.released, row.released_id),
        row.seen,
        row.hit,
        {year: (place, id_) for year, (place, id_) in (row.stood or {}).items()},
    )


def enter(connection: Connection, digest: str, regions: Sequence[str], since: datetime, at: datetime) -> None:
    """Put a version in force that nobody approves: a new database's first, or one of an older release.

    It is in force from `since` for everybody, and the one before it is retired.
    """
    last = connection.execute(_IN_FORCE).scalar()
    if last is not None:
        _move(connection, last, VersionStatus.IN_FORCE, VersionStatus.RETIRED, "retire", at)
    _move(connection, digest, VersionStatus.NEW, VersionStatus.IN_FORCE, "install", at, follows=last, approved_at=since)
    cursor = {"turn": 0, "reached": EVERYBODY, "reached_id": "", "released": NOBODY, "released_id": ""}
    of_region = cursor | {"version": digest, "in_force_from": since, "seen": 0, "hit": 0}
    seal.insert(connection, rollouts, [of_region | {"region": region} for region in regions])


def _move(
    connection: Connection,
    digest: str,
    source: VersionStatus,
    target: VersionStatus,
    event: str,
    at: datetime,
    **values: object,
) -> None:
    if source is VersionStatus.NEW:
        new = {"digest": digest, "status": target, "version": 1, "moved_at": at} | values
        row = seal.insert(connection, versions, new)[0]
    else:
        number = connection.execute(sa.select(versions.c.version).where(versions.c.digest == digest)).scalar_one() + 1
        row = seal.update(connection, versions, {"digest": digest}, status=target, version=number, moved_at=at)[0]
    line = {"version": digest, "number": row["version"], "at": at, "event": event, "actor": ENGINE.id}
    seal.insert(connection, version_moves, line | {"source": source, "target": target, "facts": {}})
