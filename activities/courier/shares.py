"""How many deliveries of one owner are under way at once? Slow receivers hold up those of their own owner alone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from weakref import WeakValueDictionary


@dataclass(frozen=True)
class Shares:
    """Each owner's places in this process: `most` of them; one that waits longer than `patience` (seconds) gives up."""

    most: int = 8
    patience: float = 10.0
    _places: WeakValueDictionary[str, asyncio.Semaphore] = field(default_factory=WeakValueDictionary)

    @asynccontextmanager
    async def of(self, owner: str | None) -> AsyncIterator[bool]:
        """Hold one of the places of an agency, or of the platform; False where none was free in time."""
        places = self._places.setdefault(owner or "", asyncio.Semaphore(self.most))
        try:
            async with asyncio.timeout(self.patience):
                await places.acquire()
        except TimeoutError:
            yield False
            return
        try:
            yield True
        finally:
            places.release()
