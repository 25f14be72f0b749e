"""How does a wish reach its case? One door for the CLI, the API, the console and rehearsals."""

import asyncio
import hashlib
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, Self

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError
from temporalio.client import Client, WithStartWorkflowOperation
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import TemporalError
from temporalio.service import RPCError

from activities.command import Answer, Command, Start, case_id, command_id
from activities.feed.stream import record
from activities.limits import GRACE, TASK_TIMEOUT, WANTED
from activities.look import Looker, Woken
from activities.move.consider import ask
from activities.move.input import Input, check, is_text
from activities.names import CASE, COMMAND
from activities.rulebooks import Rulebooks
from desk.door.receipts import Receipts
from desk.door.turns import LateError, Turns
from states.terms import Code, Kind, RefusedError
from store import command as commands
from store import text
from store.in_thread import in_thread
from workers.house import House

_LONGEST_NAME = 200
_SUBMISSIONS = {"report": Kind.REPORT, "appeal": Kind.APPEAL}


class Door:
    """Sends commands: checked, asked on the row, signed, carried out by the case's workflow, answered once."""

    def __init__(
        self, engine: Engine, client: Client, key: bytes, task_queue: str, now: Callable[[], datetime]
    ) -> None:
        self.engine = engine
        self.now = now
        self.client = client
        self._key = key
        self._task_queue = task_queue
        self.rulebooks = Rulebooks()
        self._looker = Looker(client, task_queue)
        self._receipts = Receipts(engine)
        self.turns = Turns()

    @classmethod
    def of(cls, house: House, task_queue: str | None = None) -> Self:
        """A door of the house, to its own workers or to those of another task queue."""
        queue = task_queue or house.settings.task_queue
        return cls(house.engine, house.client, house.key, queue, house.clock.now)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._receipts.close()

    async def send(
        self, actor: str, verb: str, said: Mapping[str, Any], *, key: str, version: int | None = None
    ) -> dict[str, Any]:
        """Carry out `verb` for the actor; `said` has the verb's fields, and `case` where it is about one.

        The same actor, key and wish give the same answer, however often they are sent. The answer has `case`, `kind`,
        `stage`, `status`, `outcome`, `version`, `at` and `of`. With a `version` the case must still have it.

        Raises:
            RefusedError: nothing has changed; `unavailable` where nobody could answer in time.
        """
        try:
            command, texts = self.command(actor, verb, said, key, version)
            told = await in_thread(self.engine, self._prepare, command, texts)
            return told or await self._carry_out(command, texts)
        except (SQLAlchemyError, OSError) as error:
            raise RefusedError(Code.UNAVAILABLE, "database_away") from error

    async def stream(self, actor: str, said: Mapping[str, Any]) -> None:
        """Record streamed days (`creator`, `days`, `hours` a day, ending today); the same days again change nothing.

        Raises:
            RefusedError: `invalid`, `forbidden` or `unavailable`.
        """
        try:
            now = self.now()
            await self.wake(await in_thread(self.engine, self._record, actor, said, now))
        except (SQLAlchemyError, OSError) as error:
            raise RefusedError(Code.UNAVAILABLE, "database_away") from error

    async def wake(self, woken: Woken) -> None:
        """Wake who must look; where Temporal is away, the sweep does."""
        with suppress(RPCError):
            await self._looker.wake(woken, self.now())

    def command(
        self, actor: str, verb: str, said: Mapping[str, Any], key: str, version: int | None = None
    ) -> tuple[Command, dict[str, str]]:
        """Check and sign a wish; give the command and the texts that it brings, by their ids.

        Raises:
            RefusedError: `invalid`, naming the field.
        """
        identity = command_id(_name(actor, "by"), _name(key, "key"))
        kind = _SUBMISSIONS.get(verb)
        if verb == "submit":
            raise RefusedError(Code.INVALID, "opened_by_filing", "do")
        if kind is not None:
            case, event, raw = case_id(kind, identity, self._key), "submit", dict(said)
        else:
            case, event = _name(said.get("case"), "case"), verb
            raw = {name: value for name, value in said.items() if name != "case"}
            kind = _kind(case)
        facts, texts = check(kind, event, raw)
        ids = {field: text.text_id(identity, field, body) for field, body in texts.items()}
        command = Command(
            id=identity,
            case=case,
            kind=kind,
            event=event,
            actor=actor,
            args=facts.model_dump(mode="json", exclude_none=True),
            texts=ids,
            body=_hash(verb, case, facts, texts),
            wanted_until=self.now() + WANTED,
            version=version,
        ).signed(self._key)
        return command, {ids[field]: body for field, body in texts.items()}

    def _record(self, actor: str, said: Mapping[str, Any], now: datetime) -> Woken:
        with self.engine.begin() as connection:
            return record(connection, self.rulebooks, actor, said, now)

    def _prepare(self, command: Command, texts: Mapping[str, str]) -> dict[str, Any] | None:
        """Ask for the command on its row; give the answer where it was carried out before."""
        with self.engine.begin() as connection:
            return _told(connection, command) or self._ask(connection, command, texts)

    def _ask(self, connection: Connection, command: Command, texts: Mapping[str, str]) -> dict[str, Any] | None:
        """Ask the table on the row, and store the texts; the answer, if the command was carried out meanwhile."""
        try:
            ask(connection, self.rulebooks, command, self.now())
        except RefusedError:
            told = _told(connection, command)
            if told is None:
                raise
            return told
        text.write(connection, texts)
        return None

    async def _carry_out(self, command: Command, texts: Mapping[str, str]) -> dict[str, Any]:
        try:
            return await self._in_turn(command, texts, command.wanted_until + GRACE)
        except RefusedError:
            await in_thread(self.engine, self._discard, command, texts)
            raise

    async def _in_turn(self, command: Command, texts: Mapping[str, str], last: datetime) -> dict[str, Any]:
        """Send the command when its turn has come; where others had theirs first, the row is asked once more."""
        try:
            async with self.turns.of(command.case, (last - self.now()).total_seconds()) as waited:
                told = await in_thread(self.engine, self._prepare, command, texts) if waited else None
                return told or await self._update(command, last)
        except LateError:
            told = await in_thread(self.engine, self._stored, command)
            if told is None:
                raise _late() from None
            return told

    async def _update(self, command: Command, last: datetime) -> dict[str, Any]:
        """Send the command until it is answered or no longer wanted; a stored answer wins over any failure."""
        refusal: RefusedError | None = None
        pause = 0.05
        while True:
            answer = await self._try(command, last)
            if answer is not None and answer.told is not None:
                self._receipts.receive(command.id)  # its workflow knows; an answer from the row alone would not say so
                return answer.told
            refusal = answer.refusal.error() if answer is not None and answer.refusal else refusal
            told = await in_thread(self.engine, self._stored, command)
            if told is not None:
                return told
            if refusal is not None:
                raise refusal
            if self.now() >= last:
                raise _late()
            await asyncio.sleep(pause)
            pause = min(pause * 2, 1.0)

    async def _try(self, command: Command, last: datetime) -> Answer | None:
        left = (last - self.now()).total_seconds()
        first = command if command.event == "submit" else None
        start: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
            CASE,
            Start(case=command.case, at=self.now(), first=first),
            id=command.case,
            task_queue=self._task_queue,
            task_timeout=TASK_TIMEOUT,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        )
        try:
            async with asyncio.timeout(max(left, 0.1)):
                answer: Answer = await self.client.execute_update_with_start_workflow(
                    COMMAND, command, start_workflow_operation=start, result_type=Answer
                )
                return answer
        except (TimeoutError, RPCError, TemporalError):
            await _let_go(start)
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise asyncio.CancelledError from None  # the SDK makes an error of its own of a sender who goes away
            return None

    def _stored(self, command: Command) -> dict[str, Any] | None:
        with self.engine.begin() as connection:
            return _told(connection, command)

    def _discard(self, command: Command, texts: Mapping[str, str]) -> None:
        with self.engine.begin() as connection:
            text.discard(connection, command.id, list(texts))


async def _let_go(start: WithStartWorkflowOperation[Any, Any]) -> None:
    """Take the error out of the SDK's future as well: one that nobody takes is logged as an error of its own."""
    handle = asyncio.create_task(start.workflow_handle())
    await asyncio.wait({handle}, timeout=0.01)
    handle.cancel()


def _told(connection: Connection, command: Command) -> dict[str, Any] | None:
    stored = commands.read(connection, command.id)
    if stored is not None and stored.body != command.body:
        raise RefusedError(Code.KEY_REUSED, "key_reused", "key")
    return stored.answer if stored else None


def _late() -> RefusedError:
    return RefusedError(Code.UNAVAILABLE, "unavailable")


def _kind(case: str) -> Kind:
    """The kind, which its id tells: of a case that isn't there as of one that the actor must not know."""
    return Kind.APPEAL if case.startswith(f"{Kind.APPEAL}-") else Kind.REPORT


def _name(value: object, field: str) -> str:
    if not isinstance(value, str) or not value or len(value) > _LONGEST_NAME or not is_text(value):
        raise RefusedError(Code.INVALID, "no_name", field, most=_LONGEST_NAME)
    return value


def _hash(verb: str, case: str, facts: Input, texts: Mapping[str, str]) -> str:
    said = [verb, case, facts.model_dump(mode="json"), {field: text.sha256(body) for field, body in texts.items()}]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
