"""A rehearsal at the door itself, without HTTP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from desk.door.door import Door
from ops.rehearsal.stage.desk import Ends
from ops.rehearsal.stage.inquiry import Inquiry


@asynccontextmanager
async def direct(ends: Ends) -> AsyncIterator[tuple[Door, Inquiry]]:
    """Give a door as sender, and an `Inquiry` of the database as asker."""
    async with Door(ends.engine, ends.client, ends.key, ends.task_queue, ends.now) as door:
        yield door, Inquiry(ends.engine, ends.now)
