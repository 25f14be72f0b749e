"""A database with a rulebook and the people who move its versions, at a time of its own."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from clocks import copy_of, database
from sqlalchemy import Engine

from activities.install import install
from activities.rollout import life
from activities.rulebooks import Rulebooks
from ops.verify.chains import chains
from rulebook.load import load
from rulebook.model import Rulebook
from states.situation import Actor
from states.terms import RefusedError, Role
from store import feed, journal, party, timeline
from store import version as versions
from store.timeline import Dated
from store.version import Version
from workers.reach import House

STAFF = {
    "edith": Role.POLICY_EDITOR,
    "emil": Role.POLICY_EDITOR,
    "ada": Role.POLICY_APPROVER,
    "alan": Role.POLICY_APPROVER,
    "oli": Role.OPS,
    "mia": Role.MODERATOR,
}
WEEK = timedelta(days=7)
SOON = timedelta(hours=1)


@dataclass
class Parliament:
    """`at` is its time, `first` the version that is in force, by its digest."""

    engine: Engine
    at: datetime
    first: str

    def draft(self, book: Rulebook, by: str = "edith") -> Version:
        with self.engine.begin() as connection:
            return life.draft(connection, Rulebooks(), book, self._actor(by), self.at, "session")

    def do(self, version: str, event: str, by: str, **said: Any) -> Version:
        with self.engine.begin() as connection:
            actor = self._actor(by)
            return life.move(connection, Rulebooks(), version, event, actor, said, self.at, through="session")

    def propose(self, version: str, after: timedelta = 3 * WEEK, by: str = "edith", **said: Any) -> Version:
        said = {"reasons": "It has doubled.", "in_force_from": self.at + after} | said
        return self.do(version, "propose", by, **said)

    def approved(self, book: Rulebook, after: timedelta = 3 * WEEK, **said: Any) -> str:
        """Draft, propose and approve it, by its digest."""
        self.draft(book)
        self.propose(book.digest, after, **said)
        early = {"override": "A court ordered it."} if after < 3 * WEEK else {}
        self.do(book.digest, "approve", "ada", **early)
        return book.digest

    def time(self, version: str) -> datetime | None:
        """What the version's courier does once: the move that is due; give when the next is."""
        with self.engine.begin() as connection:
            return life.by_time(connection, Rulebooks(), version, self.at)[0]

    def pass_time(self, version: str, after: timedelta = timedelta()) -> datetime | None:
        """Let time pass, and whatever is due by then happen; give when the next is due."""
        self.at += after
        while (due := self.time(version)) is not None and due <= self.at:
            pass
        return due

    def read(self, version: str) -> Version:
        with self.engine.begin() as connection:
            found = versions.read(connection, version)
        assert found is not None
        return found

    def wave(self, version: str, region: str = "VN") -> Dated:
        with self.engine.begin() as connection:
            return next(one for one in timeline.waves(connection, version) if one.region == region)

    def next_region(self, version: str) -> str:
        """Where the version's next batch goes."""
        with self.engine.begin() as connection:
            return next(one.region for one in timeline.waves(connection, version) if not one.through)

    def live(self, agencies: Iterable[str], region: str = "VN") -> None:
        with self.engine.begin() as connection, journal.recording(connection, "feed", self.at):
            for name in agencies:
                feed.agency(connection, name, region)

    def proved(self) -> list[str]:
        with self.engine.begin() as connection:
            return [str(found) for found in chains(connection)]

    def _actor(self, name: str) -> Actor:
        with self.engine.begin() as connection:
            found = party.actor(connection, name)
        assert found is not None
        return found


@contextmanager
def begun(house: House) -> Iterator[Engine]:
    """A database with the bundled rulebook and the staff, to be copied."""
    with database(house) as engine:
        at = house.clock.now()
        with engine.begin() as connection:
            install(connection, load("live"), at)
            with journal.recording(connection, "feed", at):
                for name, role in STAFF.items():
                    feed.person(connection, name, role, regions=["VN"])
                feed.agency(connection, "lotus", "VN")
        yield engine


@contextmanager
def parliament(house: House, begun: Engine) -> Iterator[Parliament]:
    """One in a copy of that database."""
    with copy_of(begun) as engine:
        yield Parliament(engine, house.clock.now(), load("live").digest)


def changed(quota: int = 2) -> Rulebook:
    return load("live", {"reports.quota_per_month": quota})


def refused(work: Callable[..., Any], *args: Any, **said: Any) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        work(*args, **said)
    return caught.value
