"""When is the platform told within a commit's time? Where it answers promptly: else what tells it has patience."""

import asyncio
import logging
from datetime import datetime

from activities.courier.platform import Platform, RefusedByPlatformError
from store.restrictions import Telling

log = logging.getLogger("casework.enforce")


class Prompt:
    """Tells a platform briefly: within `patience` (seconds), `most` at once, and not for a `pause` after it was slow.

    Whoever waits here holds one of a worker's places for local activities, which the commits need.
    """

    def __init__(self, platform: Platform, *, patience: float = 1.0, most: int = 8, pause: float = 30.0) -> None:
        self._platform = platform
        self._patience = patience
        self._pause = pause
        self._places = asyncio.Semaphore(most)
        self._again = float("-inf")

    async def tell(self, telling: Telling, at: datetime) -> bool:
        """Whether the platform has it now; where not, it is told again under the same key.

        Raises:
            RefusedByPlatformError: the platform does not accept it.
        """
        now = asyncio.get_running_loop().time
        if self._places.locked() or now() < self._again:
            return False
        async with self._places:
            try:
                async with asyncio.timeout(self._patience):
                    await self._platform.tell(telling, at)
            except RefusedByPlatformError:
                raise
            except Exception as error:
                log.info("the platform was not told at once", extra={"subject": telling.subject}, exc_info=error)
                self._again = now() + self._pause
                return False
        return True
