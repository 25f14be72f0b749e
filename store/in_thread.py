"""How does asynchronous code use the database? In threads, as many as the engine's pool has connections."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar, TypeVarTuple, Unpack
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, QueuePool

T = TypeVar("T")
Args = TypeVarTuple("Args")

_threads: WeakKeyDictionary[Engine, ThreadPoolExecutor] = WeakKeyDictionary()


async def in_thread(engine: Engine, work: Callable[[Unpack[Args]], T], *args: *Args) -> T:
    """Run work in one of the engine's threads, and give its result.

    A cancelled caller does not wait for it; work that has begun is finished all the same, and so is its transaction.
    What is logged there is logged for the caller's request.
    """
    return await asyncio.get_running_loop().run_in_executor(_of(engine), copy_context().run, work, *args)


def _of(engine: Engine) -> ThreadPoolExecutor:
    if engine not in _threads:
        size = engine.pool.size() if isinstance(engine.pool, QueuePool) else 1
        _threads[engine] = ThreadPoolExecutor(size, thread_name_prefix="store")
    return _threads[engine]


def close(engine: Engine) -> None:
    """Wait for work that has begun, and close the engine's connections."""
    threads = _threads.pop(engine, None)
    if threads is not None:
        threads.shutdown()
    engine.dispose()
