"""How does a command reach its case's workflow, and its answer come back? In turn, until it is no longer wanted."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Engine
from temporalio.client import Client
from temporalio.exceptions import TemporalError
from temporalio.service import RPCError

from activities.command import Answer, Command
from activities.limits import GRACE
from desk.door.asking import asked
from desk.door.receipts import Receipts
from desk.door.sending import Sending, answer_of
from desk.door.turns import LateError, Turns
from states.terms import Code, RefusedError
from store import command as commands
from store.in_thread import in_thread

log = logging.getLogger("casework.door")
# Tries a command on its case's row; gives the stored answer, if it was carried out before.
Prepare = Callable[[Sending], dict[str, Any] | None]


class Carrying(Protocol):
    """Has a signed command carried out, once."""

    async def carry(self, sending: Sending, prepare: Prepare) -> dict[str, Any]:
        """Give the answer.

        Raises:
            RefusedError: it was not carried out.
        """

    async def close(self) -> None:
        """Finish what was begun."""


class Carrier:
    """Carries commands to the workflows of a task queue."""

    def __init__(
        self, engine: Engine, client: Client, key: bytes, task_queue: str, now: Callable[[], datetime]
    ) -> None:
        self.turns = Turns()
        self._engine = engine
        self._client = client
        self._key = key
        self._task_queue = task_queue
        self._now = now
        self._receipts = Receipts(engine)

    async def close(self) -> None:
        """Acknowledge the answers that were received."""
        await self._receipts.close()

    async def carry(self, sending: Sending, prepare: Prepare) -> dict[str, Any]:
        """Send the command when its turn has come; after a wait it is tried on the row again, which may have moved."""
        command, last = sending.command, sending.command.wanted_until + GRACE
        log.info(
            "a command goes to its case", extra={"case": command.case, "command": command.id, "move": command.event}
        )
        try:
            async with self.turns.of(command.case, (last - self._now()).total_seconds()) as waited:
                stored = await in_thread(self._engine, prepare, sending) if waited else None
                return stored or await self._update(sending, last)
        except LateError:
            stored = await in_thread(self._engine, self._stored, sending)
            if stored is None:
                raise _late() from None
            return stored

    async def _update(self, sending: Sending, last: datetime) -> dict[str, Any]:
        """Send the command until it is answered or no longer wanted; a stored answer wins over any failure."""
        command = sending.command
        refusal: RefusedError | None = None
        pause = 0.05
        while True:
            answer = await self._try(command, last)
            if answer is not None and answer.answer is not None:
                self._receipts.receive(command.id)  # only here: a stored answer does not tell that the workflow has it
                return answer.answer
            refusal = answer.refusal.error() if answer is not None and answer.refusal else refusal
            stored = await in_thread(self._engine, self._stored, sending)
            if stored is not None:
                return stored
            if refusal is not None:
                raise refusal
            if self._now() >= last:
                raise _late()
            await asyncio.sleep(pause)
            pause = min(pause * 2, 1.0)

    async def _try(self, command: Command, last: datetime) -> Answer | None:
        """Send the command; its answer, if a worker that holds the key gave one. Any other proves nothing."""
        left = (last - self._now()).total_seconds()
        try:
            async with asyncio.timeout(max(left, 0.1)):
                answer = await asked(self._client, self._task_queue, command, self._now())
        except (TimeoutError, RPCError, TemporalError, ValueError):
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise asyncio.CancelledError from None  # the SDK has raised something else instead
            return None
        if answer.proven(self._key, command):
            return answer
        log.warning("an answer that no worker of ours has signed", extra={"case": command.case})
        return None

    def _stored(self, sending: Sending) -> dict[str, Any] | None:
        with self._engine.begin() as connection:
            return answer_of(connection, self._key, sending, commands.read(connection, sending.command.id))


def _late() -> RefusedError:
    return RefusedError(Code.UNAVAILABLE, "unavailable")
