"""What fails, for how long: processes killed or paused, wires cut or slowed, a database that can't write.

Whatever a fault did it undoes, also where it is interrupted.
"""

import asyncio
import os
import signal
import subprocess
from collections.abc import Callable, Coroutine, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from bench.chaos.place import Place

PARTS = ("worker one", "worker two", "api", "temporal", "postgres")
WIRES = ("postgres", "temporal", "api")
# Seconds: how long a fault lasts, and how long it is quiet after it.
LONGEST, QUIET = 6.0, 2.0
Fault = Callable[[Place, float], Coroutine[Any, Any, None]]


async def _kill(place: Place, seconds: float, part: str) -> None:  # noqa: ARG001  # it is started again at once
    _signal(place, part, signal.SIGKILL, only_first=True)


async def _pause(place: Place, seconds: float, part: str) -> None:
    try:
        _signal(place, part, signal.SIGSTOP)
        await asyncio.sleep(seconds)
    finally:
        _signal(place, part, signal.SIGCONT)


async def _cut(place: Place, seconds: float, wire: str) -> None:
    found = place.wires[wire]
    try:
        found.cut = True
        found.sever()
        await asyncio.sleep(seconds)
    finally:
        found.cut = False


async def _slow(place: Place, seconds: float, wire: str) -> None:
    try:
        place.wires[wire].delay = 0.1
        await asyncio.sleep(seconds)
    finally:
        place.wires[wire].delay = 0.0


async def _read_only(place: Place, seconds: float) -> None:
    """Each transaction that begins on a new connection may only read."""
    try:
        await place.sql("ALTER DATABASE {} SET default_transaction_read_only = on")
        place.wires["postgres"].sever()
        await asyncio.sleep(seconds)
    finally:
        await place.sql(
            "SET default_transaction_read_only = off", "ALTER DATABASE {} RESET default_transaction_read_only"
        )
        place.wires["postgres"].sever()


async def _full(place: Place, seconds: float) -> None:
    """No file of the database grows: what a full disk answers, by a limit on its processes."""
    try:
        _limit(place, "0")
        await asyncio.sleep(seconds)
    finally:
        _limit(place, "unlimited")


def _limit(place: Place, most: str) -> None:
    for pid in place.pids("postgres"):
        process = Path(f"/proc/{pid}")
        with suppress(FileNotFoundError):  # it has ended meanwhile
            owner, command = process.stat(), ["prlimit", f"--pid={pid}", f"--fsize={most}:"]
            done = subprocess.run(  # only who is the same user and group may
                command, user=owner.st_uid, group=owner.st_gid, extra_groups=[], capture_output=True, check=False
            )
            if done.returncode and process.exists():
                raise RuntimeError(f"PostgreSQL's files can't be limited: {done.stderr.decode()}")


def _signal(place: Place, part: str, number: signal.Signals, *, only_first: bool = False) -> None:
    for pid in place.pids(part)[: 1 if only_first else None]:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


FAULTS: dict[str, Fault] = {
    **{f"{part} killed": partial(_kill, part=part) for part in PARTS},
    **{f"{part} paused": partial(_pause, part=part) for part in PARTS},
    **{f"wire to {wire} cut": partial(_cut, wire=wire) for wire in WIRES},
    **{f"wire to {wire} slow": partial(_slow, wire=wire) for wire in WIRES},
    "database read-only": _read_only,
    "disk full": _full,
}


class Planned(NamedTuple):
    """A fault by its name, and for how many seconds it lasts, and it is quiet after it."""

    name: str
    seconds: float
    quiet: float


def planned(seed: int, longest: float = LONGEST) -> Iterator[Planned]:
    """The faults of a seed, without end: each comes before any comes again, so that no server is killed too often."""
    die = Random(f"{seed} faults")  # noqa: S311 - chance
    while True:
        for name in die.sample(list(FAULTS), len(FAULTS)):
            yield Planned(name, die.uniform(longest / 12, longest), die.uniform(QUIET / 10, QUIET) * longest / LONGEST)


@dataclass
class Trouble:
    """The faults of a seed, one after the other, spread over the lives: each falls on its share of them."""

    place: Place
    lives: int
    faults: int
    done: dict[str, int] = field(default_factory=dict)

    @property
    def made(self) -> int:
        """How many faults are over."""
        return sum(self.done.values())

    def due(self) -> int:
        """Which lives may begin by now: those before the share of the fault after this one."""
        return self.lives if self.made >= self.faults else -(-(self.made + 1) * self.lives // self.faults)

    async def make(self, seed: int, longest: float, lived: Callable[[], int]) -> None:
        """Make all of them; one waits until the lives of those before it have begun."""
        for number, fault in enumerate(islice(planned(seed, longest), self.faults)):
            while lived() * self.faults < (number - 1) * self.lives:
                await asyncio.sleep(0.05)
            await FAULTS[fault.name](self.place, fault.seconds)
            await asyncio.sleep(fault.quiet)
            self.done[fault.name] = self.done.get(fault.name, 0) + 1
