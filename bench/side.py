"""What the sides of a comparison share: how they are driven, the times of their moves, and their workers' processes."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import uvloop
from temporalio.client import Client

from bench.expected import Found
from bench.statements import Statements

# What a worker says of itself.
READY, STATEMENTS = "ready", "statements"


@dataclass
class Moves:
    """How long each move took, in seconds as the client saw it, by verb; and how long people pause after each."""

    pause: float = 0
    times: dict[str, list[float]] = field(default_factory=dict)

    @asynccontextmanager
    async def timed(self, verb: str) -> AsyncIterator[None]:
        start = time.perf_counter()
        yield
        self.times.setdefault(verb, []).append(time.perf_counter() - start)
        await asyncio.sleep(self.pause)


class Side(Protocol):
    """A system on Temporal that lives the lives of `bench/life.py`."""

    @property
    def name(self) -> str: ...

    client: Client

    async def live(self, number: int, moves: Moves, *, appeal: bool) -> list[str]:
        """Make a life's moves, back to back; give the ids of its workflows, which then end by themselves."""

    async def beside(self) -> list[tuple[str, str]]:
        """Workflows that are no cases, such as couriers: ids and run ids."""

    def settled(self) -> bool:
        """Whether the platform was told of everything."""

    def found(self) -> Found | None:
        """What the database holds; none where there is no database."""

    async def wrong(self) -> list[str]:
        """What the side's own check finds wrong, where it has one."""


class Worker:
    """A side's worker, in a process of its own."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.pid = process.pid

    async def ready(self) -> None:
        """Return when it works."""
        await self._told(READY)

    async def statements(self) -> int:
        """How many statements it has sent so far."""
        self._process.send_signal(signal.SIGUSR1)
        return int(await self._told(STATEMENTS))

    def kill(self) -> None:
        """End it at once, wherever it is."""
        self._process.kill()

    async def wait(self) -> int:
        """Return when it has ended."""
        return await self._process.wait()

    async def _told(self, what: str) -> str:
        """What follows the word in the next line that begins with it; the SDK logs into the same pipe."""
        if self._process.stdout is None:
            raise LookupError("a worker without a pipe")
        async with asyncio.timeout(30):
            while line := (await self._process.stdout.readline()).decode():
                if line.startswith(what):
                    return line.removeprefix(what)
        raise LookupError("the worker has ended")


@asynccontextmanager
async def worker(module: str, *told: str) -> AsyncIterator[Worker]:
    """Run a module's worker until the end of the block; it is ready when it has said so."""
    command = (sys.executable, "-m", module, *told)
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    try:
        made = Worker(process)
        await made.ready()
        yield made
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


def run_worker(work: AbstractAsyncContextManager[Any]) -> None:
    """Run a worker until SIGTERM, on the event loop of Casework's commands.

    It ends by `os._exit`: at interpreter exit the SDK's threads may abort the process.
    """
    uvloop.run(_until_told(work))
    sys.stderr.flush()
    os._exit(0)


async def _until_told(work: AbstractAsyncContextManager[Any]) -> None:
    told, statements = asyncio.Event(), Statements()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, told.set)
    loop.add_signal_handler(signal.SIGUSR1, lambda: print(STATEMENTS, statements.so_far, flush=True))
    async with work:
        print(READY, flush=True)
        await told.wait()
