"""The lock on the data directory: one engine runs on it at a time."""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from workers.embedded.error import EmbeddedError


@asynccontextmanager
async def held(folder: Path) -> AsyncIterator[None]:
    """Hold the data directory for ourselves; the kernel lets go of it when we die.

    Raises EmbeddedError where another process holds it.
    """
    file = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        for _ in range(10):  # `is_held` takes it for a moment too
            if _taken(file):
                break
            await asyncio.sleep(0.05)
        else:
            holder = os.pread(file, 20, 0).decode().strip() or "unknown"
            raise EmbeddedError(f"Casework already runs on {folder} (process {holder}).")
        os.truncate(file, 0)
        os.pwrite(file, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(file)


def is_held(folder: Path) -> bool:
    """Whether a living process holds the data directory."""
    try:
        file = os.open(folder / "lock", os.O_RDWR)
    except OSError:
        return False
    try:
        return not _taken(file)
    finally:
        os.close(file)


def _taken(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
