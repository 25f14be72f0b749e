"""One turn of one side: its lives are lived, and what that took is measured."""

import asyncio
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import mean
from typing import Protocol

from bench import cpu
from bench.expected import Found
from bench.life import WINDOW
from bench.plan import Plan
from bench.side import Moves, Side, Worker
from bench.statements import Statements

SAMPLE = 40
PATIENCE = 60.0


@dataclass(frozen=True)
class Turn:
    """What one side did in one turn: lives a second, times of moves in seconds, and for one life the rest.

    `cpu` is in seconds by process; `events` are those of its own workflows.
    `load` is the machine's load average at its end.
    """

    pace: float
    times: Mapping[str, Sequence[float]]
    cpu: Mapping[str, float]
    events: float
    statements: float
    load: float = field(default_factory=lambda: os.getloadavg()[0])


class Player(Protocol):
    """A side with its processes."""

    @property
    def name(self) -> str: ...

    async def turn(self, numbers: Sequence[int], plan: Plan) -> Turn:
        """Live these lives, so many at once."""

    async def beside(self) -> float:
        """Events of workflows that are no cases, so far."""

    def found(self) -> Found | None:
        """What the database holds; none where there is no database."""

    async def wrong(self) -> list[str]:
        """What the side's own check finds wrong, where it has one."""


class OnTemporal:
    """Plays a side whose client is this process and whose worker is another."""

    def __init__(self, side: Side, worker: Worker, statements: Statements) -> None:
        self.name = side.name
        self.found: Callable[[], Found | None] = side.found
        self._side = side
        self._worker = worker
        self._statements = statements

    async def turn(self, numbers: Sequence[int], plan: Plan) -> Turn:
        groups = {**cpu.of_servers(), "worker": self._worker.pid, "client": os.getpid()}
        sent, before, start = await self._sent(), cpu.seconds(groups), time.perf_counter()
        moves = Moves(plan.pause)
        lives = await _live(self._side, numbers, moves, plan)
        # The window after the last verdict is waiting, not work.
        elapsed = time.perf_counter() - start - (0 if plan.appeal else WINDOW.total_seconds())
        asked = self._statements.so_far
        await settled(self._side)
        own = self._statements.so_far - asked
        used = {name: (after - before[name]) / len(numbers) for name, after in cpu.seconds(groups).items()}
        statements = (await self._sent() - own - sent) / len(numbers)
        events = mean([await self._events([(id_, "") for id_ in ids]) for ids in lives[:SAMPLE]])
        return Turn(len(numbers) / elapsed, moves.times, used, events, statements)

    async def wrong(self) -> list[str]:
        return await self._side.wrong()

    async def beside(self) -> float:
        return await self._events(await self._side.beside())

    async def _sent(self) -> int:
        return self._statements.so_far + await self._worker.statements()

    async def _events(self, runs: Sequence[tuple[str, str]]) -> int:
        handles = [self._side.client.get_workflow_handle(id_, run_id=run or None) for id_, run in runs]
        return sum([(await handle.describe()).history_length for handle in handles])


async def _live(side: Side, numbers: Sequence[int], moves: Moves, plan: Plan) -> list[list[str]]:
    """Live the lives; give the ids of each one's workflows, which have ended."""
    left, lives = iter(numbers), list[list[str]]()
    closing: list[asyncio.Task[None]] = []

    async def drive(left: Iterator[int]) -> None:
        for number in left:
            ids = await side.live(number, moves, appeal=plan.appeal)
            lives.append(ids)
            closing.append(asyncio.create_task(_closed(side, ids)))

    await asyncio.gather(*(drive(left) for _ in range(plan.concurrency)))
    await asyncio.gather(*closing)
    return lives


async def _closed(side: Side, ids: Sequence[str]) -> None:
    for id_ in ids:
        await side.client.get_workflow_handle(id_).result()


async def settled(side: Side) -> None:
    """Wait until the platform was told of everything: that is work of this turn, not of the next side's."""
    async with asyncio.timeout(PATIENCE):
        while not await asyncio.to_thread(side.settled):
            await asyncio.sleep(0.1)
