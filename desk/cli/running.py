"""How does a command end early? Ctrl-C, SIGTERM and a closed terminal let everything be put down in order."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StoppedError(Exception):
    """Somebody stopped the command; `unfinished` where it had something to finish."""

    def __init__(self, *, unfinished: bool = True) -> None:
        super().__init__("stopped")
        self.unfinished = unfinished


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end.

    Raises:
        StoppedError: a signal came; what was begun has been put down.
    """
    return asyncio.run(_stoppable(work))


async def for_ever() -> None:
    """Wait until somebody stops the command."""
    await asyncio.Event().wait()


async def _stoppable(work: Coroutine[Any, Any, T]) -> T:
    loop = asyncio.get_running_loop()
    task = loop.create_task(work)
    stopped = asyncio.Event()

    def stop() -> None:
        # Once: a second Ctrl-C must not cut short how the servers are put down.
        if not stopped.is_set():
            stopped.set()
            task.cancel()

    for number in _SIGNALS:
        loop.add_signal_handler(number, stop)
    try:
        return await task
    except (Exception, asyncio.CancelledError):
        # A terminal's Ctrl-C also reaches the programs that a start asks for their version: their failure is no news.
        if stopped.is_set():
            raise StoppedError from None
        raise
