"""Kills who moves a wave, again and again, and holds each time that everything agrees and nothing happened twice."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from time import perf_counter
from typing import Protocol

import sqlalchemy as sa

from bench.wave.place import EACH, Place
from ops.verify import verify
from rulebook.model import Rulebook
from store.audit import picture
from store.ring import Way

# In seconds: a wave that doesn't come on for so long is stuck.
PATIENCE = 120.0
# The kill comes at any point of a commit.
_WITHIN = 0.05
_LINES = sa.text("""
    SELECT count(*), count(DISTINCT subject) FROM ledger
    WHERE reason = 'version_in_force' AND at >= :since
""")
_TOLD = sa.text("""
    SELECT count(*), count(DISTINCT subject), count(*) FILTER (WHERE told_at IS NULL) FROM tellings
    WHERE decided_at >= :since
""")


class Process(Protocol):
    """What moves a wave, and can be killed."""

    def kill(self) -> None:
        """End it at once, wherever it is."""

    async def wait(self) -> int:
        """Return when it has ended."""


Started = Callable[[], AbstractAsyncContextManager[Process]]


@dataclass
class Walked:
    """A wave there, or back: how long it took, in seconds with the restarts, and what was wrong at each kill."""

    way: Way
    kills: int = 0
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)


async def walk(place: Place, book: Rulebook, way: Way, kills: int, started: Started, die: Random) -> Walked:
    """Let the wave go to its end, in one process after the other, of which so many are killed somewhere in it."""
    walked, began = Walked(way), perf_counter()
    marks = sorted(die.sample(range(place.many), kills))
    while not place.through(book, way):
        async with started() as process:
            mark = marks.pop(0) if marks else None
            await _until(place, book, way, mark)
            if mark is not None:
                await asyncio.sleep(die.random() * _WITHIN)
                process.kill()
                await process.wait()
                walked.kills += not place.through(book, way)
                print(f"{way}: killed at {place.seen(book, way)}", flush=True)
        walked.wrong += [difference async for difference in _differences(place)]
    walked.seconds = perf_counter() - began
    return walked


def once(place: Place, since: datetime, walked: Walked) -> Iterable[str]:
    """What did not happen exactly once to each whom the wave had to come to."""
    creators = -(-place.many // EACH)
    with place.engine.begin() as connection:
        lines = tuple(connection.execute(_LINES, {"since": since}).one())
    if lines != (creators, creators):
        yield f"{walked.way}: {lines[0]} lines of {lines[1]} creators, not one of each of {creators}"


def told(place: Place, since: datetime) -> tuple[int, int, int]:
    """Since a time: how many tellings there were, of how many subjects, and how many the platform hasn't answered."""
    with place.engine.begin() as connection:
        tellings, subjects, left = connection.execute(_TOLD, {"since": since}).one()
    return tellings, subjects, left


async def _until(place: Place, book: Rulebook, way: Way, mark: int | None) -> None:
    seen, moved = -1, perf_counter()
    while not place.through(book, way) and (mark is None or seen <= mark):
        if (now := place.seen(book, way)) != seen:
            seen, moved = now, perf_counter()
        if perf_counter() - moved > PATIENCE:
            raise TimeoutError(f"{way}: nobody after {seen} was reached for {PATIENCE:.0f} s")
        await asyncio.sleep(0.02)


async def _differences(place: Place) -> AsyncIterator[str]:
    with picture(place.engine) as connection:
        async for found in verify(connection, place.clock.now()):
            yield str(found)
