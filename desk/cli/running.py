"""Runs a command's coroutine. Ctrl-C, SIGTERM and a closed terminal cancel it, and what it started is shut down."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StoppedError(Exception):
    """A signal stopped the command; `unfinished` where it was to come to an end by itself."""

    def __init__(self, *, unfinished: bool = True) -> None:
        super().__init__("stopped")
        self.unfinished = unfinished


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end.

    Raises:
        StoppedError: a signal came; the coroutine was cancelled and has cleaned up.
    """
    return asyncio.run(_stoppable(work))


def serve(work: Coroutine[Any, Any, T]) -> T:
    """Run what goes on until it is stopped: the same, on an event loop that takes less CPU (decision 0008)."""
    import uvloop  # noqa: PLC0415  # what commands that soon end save

    return uvloop.run(_stoppable(work))


async def for_ever() -> None:
    """Wait until somebody stops the command."""
    await asyncio.Event().wait()


async def _stoppable(work: Coroutine[Any, Any, T]) -> T:
    loop = asyncio.get_running_loop()
    task = loop.create_task(work)
    stopped = asyncio.Event()

    def stop() -> None:
        # Once: a second Ctrl-C must not interrupt the shutdown of the servers.
        if not stopped.is_set():
            stopped.set()
            task.cancel()

    for number in _SIGNALS:
        loop.add_signal_handler(number, stop)
    try:
        return await task
    except (Exception, asyncio.CancelledError):
        # A terminal sends Ctrl-C to child processes too: that they fail then is no error of its own.
        if stopped.is_set():
            raise StoppedError from None
        raise
