"""How does asynchronous code use the database? Aside, in a thread: one for each connection of the engine's pool."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, TypeVarTuple, Unpack
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, QueuePool

T = TypeVar("T")
Args = TypeVarTuple("Args")

_threads: WeakKeyDictionary[Engine, ThreadPoolExecutor] = WeakKeyDictionary()


async def in_thread(engine: Engine, work: Callable[[Unpack[Args]], T], *args: *Args) -> T:
    """Do work with the engine in a thread of its own, and give its result; work that was begun is finished.

    A caller who is cancelled goes away at once; the transaction then ends by itself.
    """
    return await asyncio.get_running_loop().run_in_executor(_of(engine), work, *args)


def _of(engine: Engine) -> ThreadPoolExecutor:
    if engine not in _threads:
        size = engine.pool.size() if isinstance(engine.pool, QueuePool) else 1
        _threads[engine] = ThreadPoolExecutor(size, thread_name_prefix="store")
    return _threads[engine]


def close(engine: Engine) -> None:
    """Let what was begun come to its end, and close the engine's connections."""
    threads = _threads.pop(engine, None)
    if threads is not None:
        threads.shutdown()
    engine.dispose()
