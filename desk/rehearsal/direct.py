"""A rehearsal at the door itself, without HTTP."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from activities.subject import known
from desk.door.door import Door
from desk.door.versions import VersionMoves
from desk.evidence.keep import Intake
from desk.upload import upload
from ops.rehearsal.stage.desk import Ends
from ops.rehearsal.stage.inquiry import Inquiry
from store.in_thread import in_thread
from store.journal import DIRECT


@dataclass(frozen=True)
class Direct:
    """Sends at the door itself, and takes files in."""

    door: Door
    intake: Intake

    async def send(self, actor: str, verb: str, said: Mapping[str, Any], *, key: str) -> dict[str, Any]:
        """Carry out a verb."""
        return await self.door.send(actor, verb, said, key=key)

    async def stream(self, actor: str, said: Mapping[str, Any]) -> None:
        """Record streamed days."""
        await self.door.stream(actor, said)

    async def upload(self, actor: str, name: str, content: bytes, *, key: str) -> str:
        """Upload a file, and give its id."""
        engine, now = self.door.engine, self.door.now()
        who = await in_thread(engine, known, engine, actor)
        return str((await upload(engine, self.intake, who, name, _whole(content), key, now))["id"])

    async def draft(self, actor: str, files: Mapping[str, bytes], *, key: str) -> None:
        """Enter a version by its files, as the actor's draft."""
        await VersionMoves(self.door).draft(actor, files, key=key, through=DIRECT)

    async def move_version(self, actor: str, version: str, event: str, said: Mapping[str, Any], *, key: str) -> None:
        """Move a version, by its digest."""
        await VersionMoves(self.door).move(actor, version, event, said, key=key, through=DIRECT)


@asynccontextmanager
async def direct(ends: Ends) -> AsyncIterator[tuple[Direct, Inquiry]]:
    """Give a sender at a door, and an `Inquiry` of the database as asker."""
    async with Door(ends.engine, ends.client, ends.key, ends.task_queue, ends.now) as door:
        yield Direct(door, Intake(ends.objects, ends.folder)), Inquiry(ends.engine, ends.now)


async def _whole(content: bytes) -> AsyncIterator[bytes]:
    yield content
