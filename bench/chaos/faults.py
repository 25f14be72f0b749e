"""What fails, for how long: processes killed or paused, wires cut or slowed, a database that can't write."""

import asyncio
import os
import signal
import subprocess
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from time import monotonic

from bench.chaos.place import Place

PARTS = ("worker one", "worker two", "api", "temporal", "postgres")
# What is started again too often within a minute stays away: so seldom is a server killed.
MOST_A_MINUTE = 3
Fault = Callable[[Place, float], Awaitable[None]]


async def _kill(place: Place, seconds: float, part: str) -> None:  # noqa: ARG001  # it is started again at once
    _signal(place, part, signal.SIGKILL, only_first=True)


async def _pause(place: Place, seconds: float, part: str) -> None:
    _signal(place, part, signal.SIGSTOP)
    await asyncio.sleep(seconds)
    _signal(place, part, signal.SIGCONT)


async def _cut(place: Place, seconds: float, wire: str) -> None:
    found = place.wires[wire]
    found.cut = True
    found.sever()
    await asyncio.sleep(seconds)
    found.cut = False


async def _slow(place: Place, seconds: float, wire: str) -> None:
    place.wires[wire].delay = 0.1
    await asyncio.sleep(seconds)
    place.wires[wire].delay = 0.0


async def _read_only(place: Place, seconds: float) -> None:
    """Each transaction that begins on a new connection may only read."""
    name = place.house.engine.url.database
    place.sql(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    place.wires["postgres"].sever()
    await asyncio.sleep(seconds)
    place.sql("SET default_transaction_read_only = off", f"ALTER DATABASE {name} RESET default_transaction_read_only")
    place.wires["postgres"].sever()


async def _full(place: Place, seconds: float) -> None:
    """No file of the database grows: what a full disk answers, by a limit on its processes."""
    _limit(place, "0")
    await asyncio.sleep(seconds)
    _limit(place, "unlimited")


def _limit(place: Place, most: str) -> None:
    for pid in place.pids("postgres"):
        with suppress(FileNotFoundError):  # it has ended meanwhile
            owner = Path(f"/proc/{pid}").stat().st_uid
            subprocess.run(["prlimit", f"--pid={pid}", f"--fsize={most}:"], user=owner, stderr=subprocess.DEVNULL)  # noqa: PLW1510


def _signal(place: Place, part: str, number: signal.Signals, *, only_first: bool = False) -> None:
    for pid in place.pids(part)[: 1 if only_first else None]:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


FAULTS: dict[str, Fault] = {
    **{f"{part} killed": partial(_kill, part=part) for part in PARTS},
    **{f"{part} paused": partial(_pause, part=part) for part in PARTS},
    **{f"wire to {wire} cut": partial(_cut, wire=wire) for wire in ("postgres", "temporal")},
    **{f"wire to {wire} slow": partial(_slow, wire=wire) for wire in ("postgres", "temporal")},
    "database read-only": _read_only,
    "disk full": _full,
}


@dataclass
class Trouble:
    """Faults one after the other, by chance from a seed: which, for how long, and how long it is quiet between them."""

    place: Place
    die: Random
    done: dict[str, int] = field(default_factory=dict)
    _killed: dict[str, deque[float]] = field(default_factory=dict)

    async def make(self, most: int, goes_on: Callable[[], bool]) -> None:
        """Make so many faults, as long as there is a life to be hit."""
        while sum(self.done.values()) < most and goes_on():
            name = self._next()
            await FAULTS[name](self.place, self.die.uniform(0.5, 6.0))
            self.done[name] = self.done.get(name, 0) + 1
            await asyncio.sleep(self.die.uniform(0.2, 2.0))

    def _next(self) -> str:
        """Each fault comes before any comes again."""
        least = min(self.done.get(name, 0) for name in FAULTS)
        name = self.die.choice([one for one in FAULTS if self.done.get(one, 0) == least])
        killed = self._killed.setdefault(name, deque(maxlen=MOST_A_MINUTE))
        if name in {"temporal killed", "postgres killed", "disk full"}:
            if len(killed) == MOST_A_MINUTE and monotonic() - killed[0] < 60:
                return "api killed"
            killed.append(monotonic())
        return name
