"""What both sides of a comparison share: the life that they live, and the times of its moves."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from temporalio.client import Client

# How long a verdict can be appealed where nobody appeals, on both sides.
WINDOW = timedelta(seconds=1)
DETAILS = "On their stream of Friday they offered kim a bonus for leaving us, at 20:14 and again at 20:31."
REASONS = "The recording shows the offer; it was repeated after the creator had declined."


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
    """One of two systems that live the same life: submit, claim, decide; with `appeal` also appeal, claim, overturn."""

    name: str
    client: Client

    async def live(self, number: int, moves: Moves, *, appeal: bool) -> list[str]:
        """Make a life's moves, back to back; give the ids of its workflows, which then end by themselves."""

    async def beside(self) -> list[tuple[str, str]]:
        """Workflows that all lives share: ids and run ids."""


def run_worker(work: AbstractAsyncContextManager[Any]) -> None:
    """Run a worker until SIGTERM; end by `os._exit`: at interpreter exit the SDK's threads may abort the process."""
    asyncio.run(_until_told(work))
    sys.stderr.flush()
    os._exit(0)


async def _until_told(work: AbstractAsyncContextManager[Any]) -> None:
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    async with work:
        await told.wait()
