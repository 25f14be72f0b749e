"""DBOS Transact's side, as the bench sees it: processes that are asked for turns, and what their tables hold."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from bench import cpu
from bench.book.read import read
from bench.expected import Found
from bench.life import WINDOW, agencies
from bench.plan import Plan
from bench.turn import Turn

PYTHON = Path(__file__).parents[2] / ".venv-peers" / "bin" / "python"
SCHEMA = "peer"
_STEPS = text("SELECT count(*) FROM dbos.operation_outputs")


class Process:
    """One process of the application, with users."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.pid = process.pid

    async def ask(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Send a line, and give what is answered."""
        if self._process.stdin is None:
            raise LookupError("a process without pipes")
        self._process.stdin.write(json.dumps(asked).encode() + b"\n")
        return await self.line()

    async def line(self) -> dict[str, Any]:
        """The next answer."""
        if self._process.stdout is None:
            raise LookupError("a process without pipes")
        line = await self._process.stdout.readline()
        if not line:
            raise LookupError("DBOS's process has ended")
        found: dict[str, Any] = json.loads(line)
        return found


class Peer:
    """The processes together: each has its share of the lives and of those at once."""

    name = "DBOS"

    def __init__(self, processes: Sequence[Process], engine: Engine) -> None:
        self._processes = processes
        self._engine = engine
        self._sent = 0

    async def turn(self, numbers: Sequence[int], plan: Plan) -> Turn:
        count = len(self._processes)
        groups = {"postgres": cpu.of_servers()["postgres"]}
        groups |= {f"worker {number}": process.pid for number, process in enumerate(self._processes)}
        asked = {"agencies": agencies(plan.total), "appeal": plan.appeal, "pause": plan.pause}
        before, steps, start = cpu.seconds(groups), self._steps(), time.perf_counter()
        answers = await asyncio.gather(
            *(
                process.ask(asked | {"numbers": numbers[place::count], "concurrency": plan.concurrency // count})
                for place, process in enumerate(self._processes)
            )
        )
        elapsed = time.perf_counter() - start - (0 if plan.appeal else WINDOW.total_seconds())
        used = {name: (after - before[name]) / len(numbers) for name, after in cpu.seconds(groups).items()}
        sent = sum(answer["statements"] for answer in answers)
        statements, self._sent = (sent - self._sent) / len(numbers), sent
        times = {
            verb: [each for answer in answers for each in answer["times"].get(verb, [])] for verb in answers[0]["times"]
        }
        workers = {"postgres": used.pop("postgres"), "worker": sum(used.values())}
        return Turn(len(numbers) / elapsed, times, workers, (self._steps() - steps) / len(numbers), statements)

    async def beside(self) -> float:
        return 0.0

    def found(self) -> Found:
        with self._engine.begin() as connection:
            return read(connection)

    async def wrong(self) -> list[str]:
        return []

    def _steps(self) -> int:
        with self._engine.begin() as connection:
            return int(connection.execute(_STEPS).scalar_one())


@asynccontextmanager
async def peer(url: str, engine: Engine, plan: Plan, processes: int) -> AsyncIterator[Peer]:
    """Run the application in so many processes until the end of the block."""
    async with AsyncExitStack() as stack:
        made = [await stack.enter_async_context(_process(url, number, plan)) for number in range(processes)]
        yield Peer(made, engine)


@asynccontextmanager
async def _process(url: str, number: int, plan: Plan) -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(
        str(PYTHON),
        "-m",
        "bench.peers.users",
        url,
        str(number),
        str(plan.total),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=2**24,
    )
    try:
        made = Process(process)
        await made.line()
        yield made
    finally:
        if process.stdin is not None:
            process.stdin.close()
        await process.wait()
