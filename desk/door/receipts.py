"""Acknowledges received answers, many in one write. Cases of unacknowledged ones are woken (`store/wake.py`)."""

import asyncio
import logging

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from store import command as commands
from store.in_thread import in_thread

log = logging.getLogger("casework.receipts")
# Seconds between two writes; far below `UNRECEIVED` of `store/wake.py`.
PAUSE = 0.5


class Receipts:
    """Collects the ids of answered commands and sets `signed_for` on them. If that fails, their cases are woken."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._ids: list[str] = []
        self._signing: asyncio.Task[None] | None = None

    def receive(self, command: str) -> None:
        """Note that the command's sender has its answer."""
        self._ids.append(command)
        if self._signing is None:
            self._signing = asyncio.create_task(self._soon())

    async def close(self) -> None:
        """Acknowledge what is left."""
        if self._signing is not None:
            self._signing.cancel()
        await self._sign()

    async def _soon(self) -> None:
        await asyncio.sleep(PAUSE)
        self._signing = None
        await self._sign()

    async def _sign(self) -> None:
        ids, self._ids = self._ids, []
        if ids:
            try:
                await in_thread(self._engine, self._write, ids)
            except (SQLAlchemyError, OSError) as error:
                log.warning("answers were not signed for", exc_info=error)

    def _write(self, ids: list[str]) -> None:
        with self._engine.begin() as connection:
            commands.acknowledge(connection, ids)
