"""How is a long step stopped, or ended? Whoever is cancelled waits for its end: nothing is left half done."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar, TypeVarTuple, Unpack

T = TypeVar("T")
Args = TypeVarTuple("Args")


async def to_its_end(work: Callable[[Unpack[Args]], T], *args: *Args) -> T:
    """Do the work in a thread, and give what it gives; who is cancelled waits for it all the same."""
    running = asyncio.create_task(asyncio.to_thread(work, *args))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait({running})
        raise


def named(made: Path, name: Path) -> None:
    """Give a folder its name once all that is in it is on the disk: a name stands for a whole, also if power fails."""
    for path in (*made.rglob("*"), made):
        _on_disk(path)
    made.replace(name)
    _on_disk(name.parent)


def _on_disk(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
