"""A region with many subjects, a version that is about to reach them, and how far it has come."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from activities.install import install
from activities.rollout import life
from activities.rollout.upload import checked
from activities.rulebooks import Rulebooks
from rulebook.load import BUNDLED, LIVE, files_at, load
from rulebook.model import Rulebook
from rulebook.terms import CreatorClass
from states.situation import Actor
from states.terms import Role
from states.version_terms import VersionStatus
from store import feed, journal, party, timeline
from store import version as versions
from store.party import Profile
from store.ring import Way
from workers.clock import Clock

REGION, AGENCY, CREATOR = "VN", "agency", "creator"
EDITOR, APPROVER, OPS = "edith", "ada", "oli"
STAFF = {EDITOR: Role.POLICY_EDITOR, APPROVER: Role.POLICY_APPROVER, OPS: Role.OPS, "sam": Role.SENIOR_MODERATOR}
# Of the subjects one in five is a creator, whose score starts elsewhere; of those one in five begins below a line.
EACH = 5
_CHUNK = 500
_SEEN = sa.text("""
    SELECT coalesce(sum((facts ->> 'seen')::int), 0) FROM version_moves
    WHERE version = :version AND event = 'next_batch' AND source = :source
""")
_SOURCE = {Way.REACHED: VersionStatus.ROLLING_OUT, Way.RELEASED: VersionStatus.TAKING_BACK}
_END = {Way.REACHED: VersionStatus.IN_FORCE, Way.RELEASED: VersionStatus.TAKEN_BACK}


@dataclass(frozen=True)
class Place:
    """So many subjects of one region, under the bundled rulebook."""

    engine: Engine
    clock: Clock
    many: int

    def settle(self) -> None:
        """Install the rulebook, and feed everybody."""
        with self._recording() as (connection, now):
            install(connection, load(LIVE), now)
        with self._recording() as (connection, _):
            for name, role in STAFF.items():
                feed.person(connection, name, role, regions=[REGION])
        for first in range(0, self.many, _CHUNK):
            with self._recording() as (connection, _):
                for number in range(first, min(first + _CHUNK, self.many)):
                    _enter(connection, number)
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("VACUUM ANALYZE"))

    def put_out(self, book: Rulebook, after: timedelta) -> None:
        """Propose and approve at this moment a version that takes force after so long, however long the moves take."""
        now = self.clock.now()
        with self.engine.begin() as connection:
            life.draft(connection, Rulebooks(), book, _actor(connection, EDITOR), now, "bench")
        self.move(book, "propose", EDITOR, now, reasons="A bench.", in_force_from=now + after)
        self.move(book, "approve", APPROVER, now, override="A bench.")

    def move(self, book: Rulebook, event: str, by: str, at: datetime | None = None, **said: Any) -> None:
        """Make a person's move of a version: at a moment, or now."""
        at = at or self.clock.now()
        with self.engine.begin() as connection:
            life.move(connection, Rulebooks(), book.digest, event, _actor(connection, by), said, at, through="bench")

    def seen(self, book: Rulebook, way: Way) -> int:
        """How many subjects the version has reached, or released."""
        with self.engine.begin() as connection:
            values = {"version": book.digest, "source": _SOURCE[way]}
            return int(connection.execute(_SEEN, values).scalar_one())

    def through(self, book: Rulebook, way: Way) -> bool:
        """Whether it has reached, or released, everybody."""
        with self.engine.begin() as connection:
            found = versions.read(connection, book.digest)
        return found is not None and found.status is _END[way]

    def counted(self, book: Rulebook) -> tuple[int, int]:
        """How many subjects the wave has seen, and hit, by its own count."""
        with self.engine.begin() as connection:
            waves = timeline.waves(connection, book.digest)
        return sum(one.seen for one in waves), sum(one.hit for one in waves)

    @contextmanager
    def _recording(self) -> Iterator[tuple[Connection, datetime]]:
        now = self.clock.now()
        with self.engine.begin() as connection, journal.recording(connection, "feed", now):
            yield connection, now


def stricter(start: int) -> Rulebook:
    """A version by which creators start elsewhere, and those of the class `quality` below a line."""
    files = files_at(BUNDLED / LIVE)
    base = files["base.yaml"].decode()
    for was, is_ in (
        ("key: standard, start: 100, cap: 100", f"key: standard, start: {start}, cap: {start}"),
        ("key: quality, start: 110, cap: 110", f"key: quality, start: {start - 40}, cap: {start - 40}"),
    ):
        base = base.replace(was, is_)
    return checked({**files, "base.yaml": base.encode()})


def _enter(connection: Connection, number: int) -> None:
    if number % EACH:
        feed.agency(connection, f"{AGENCY}{number}", REGION)
        return
    own = CreatorClass.STANDARD if number % EACH**2 else CreatorClass.QUALITY
    feed.creator(connection, f"{CREATOR}{number}", REGION, Profile(own, 1, 0, 0), feed.ALWAYS)


def _actor(connection: Connection, name: str) -> Actor:
    found = party.actor(connection, name)
    if found is None:
        raise LookupError(name)
    return found
