"""The CPU of the product's processes, less what they use while nobody asks."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass

from bench import cpu
from bench.running import ENGINE, processes

DATABASE, WORKFLOWS = "postgres", "temporal"
QUIET = 5.0
Reading = tuple[float, dict[str, float]]


@dataclass(frozen=True)
class Meter:
    """The CPU of the engine's processes; `idle`: seconds that each uses in a second while nobody asks."""

    pids: Mapping[str, int]
    idle: Mapping[str, float]

    @classmethod
    async def of(cls, pid: int) -> "Meter":
        """Once it is known what they use in quiet."""
        pids = processes(pid)
        still = cls(pids, dict.fromkeys(pids, 0.0))
        before = still.now()
        await asyncio.sleep(QUIET)
        return cls(pids, {name: seconds / QUIET for name, seconds in still.since(before).items()})

    def now(self) -> Reading:
        """The clock, and the CPU seconds of each; those of the engine without its servers."""
        seconds = cpu.seconds(dict(self.pids))
        seconds[ENGINE] -= sum(seconds[name] for name in (DATABASE, WORKFLOWS))
        return time.perf_counter(), seconds

    def since(self, before: Reading) -> dict[str, float]:
        """The CPU seconds of each since then, less what it uses in quiet."""
        at, seconds = self.now()
        return {name: seconds[name] - before[1][name] - (at - before[0]) * self.idle[name] for name in self.pids}
