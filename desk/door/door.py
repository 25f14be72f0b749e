"""The door: the one way by which CLI, API, console and rehearsals send commands to cases."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, Self

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError
from temporalio.client import Client
from temporalio.service import RPCError

from activities.command import Command, case_id, command_id
from activities.entered import named
from activities.feed.stream import record
from activities.limits import WANTED
from activities.look import Looker, Woken
from activities.move.consider import ask
from activities.move.input import Input, read
from activities.rulebooks import Rulebooks
from desk.door.carrier import Carrier, Carrying
from desk.door.once import outside
from desk.door.sending import Sending, answer_of, hash_of, kind_of, owners_of
from desk.refusal import unanswered
from ops.history import pending
from states.terms import Code, Kind, RefusedError
from store import arrival, text
from store import command as commands
from store.arrival import Wished
from store.engine import one_by_one
from store.in_thread import in_thread
from store.journal import DIRECT
from store.keyring import DestroyedError
from store.moment import moment
from workers.reach import House

_SUBMISSIONS = {"report": Kind.REPORT, "appeal": Kind.APPEAL}


class Door:
    """Sends commands. A command is checked, tried on the case's row, signed, and carried out once by its workflow.

    `carrier` brings it there; without one it is the workflow's (`desk/door/carrier.py`).
    """

    def __init__(
        self,
        engine: Engine,
        client: Client,
        key: bytes,
        task_queue: str,
        now: Callable[[], datetime],
        *,
        through: str = DIRECT,
        carrier: Carrying | None = None,
    ) -> None:
        self.engine = engine
        self.now = now
        self.client = client
        self._key = key
        self.task_queue = task_queue
        self.rulebooks = Rulebooks()
        self._looker = Looker(client, task_queue)
        self.through = through
        self.carrier = carrier or Carrier(engine, client, key, task_queue, now)

    @classmethod
    def of(cls, house: House, task_queue: str | None = None, *, through: str = DIRECT) -> Self:
        """A door to the workers of the house's task queue, or of another."""
        queue = task_queue or house.settings.task_queue
        return cls(house.engine, house.client, house.key, queue, house.clock.now, through=through)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.carrier.close()

    async def send(
        self,
        actor: str,
        verb: str,
        said: Mapping[str, Any] | Input,
        *,
        key: str,
        case: str | None = None,
        version: int | None = None,
        through: str | None = None,
        before_grave: Callable[[], None] | None = None,
        wish: str | None = None,
        basis: str | None = None,
    ) -> dict[str, Any]:
        """Carry out `verb` for the actor, on a `case` unless it opens one; `said` is what the verb needs.

        As a mapping, `said` has the verb's fields by name, and may have `case`. The same actor, key and wish give the
        same answer, however often they are sent; so do the same filer, reference and wish. The answer has `case`,
        `kind`, `stage`, `status`, `outcome`, `version`, `at` and `of`. With a `version` the case must have it, and
        with a `basis` the move must do what its preview said (`desk/door/previews.py`), or the refusal is `stale`.
        `through` is what the actor came through, where it is not what the whole door is used through. `before_grave` is
        called before a move that the table calls grave is sent, and may refuse it. `wish` is the hash of what was asked
        where its sender named no case (`desk/door/next.py`).

        Raises:
            RefusedError: nothing has changed; `unavailable` where no answer came within the times of
                `activities/limits.py`: the same wish can be sent again under its key.
        """
        try:
            sending = self.sending(actor, verb, said, key, case, version, through, wish, basis)
            stored = await in_thread(self.engine, self._prepare, sending, before_grave, outside(actor, key))
            return stored or await self._carry_out(sending)
        except (SQLAlchemyError, OSError) as error:
            raise unanswered(error) from error

    async def stream(self, actor: str, said: Mapping[str, Any]) -> None:
        """Record streamed days (`activities/feed/stream.py`); the same days again change nothing.

        Raises:
            RefusedError: `invalid`, `forbidden` or `unavailable`.
        """
        try:
            now = self.now()
            await self.wake(await in_thread(self.engine, self._record, actor, said, now))
        except (SQLAlchemyError, OSError) as error:
            raise unanswered(error) from error

    async def wake(self, woken: Woken) -> None:
        """Wake the workflows that have something to do; where Temporal is away, the workers' sweep wakes them later."""
        with suppress(RPCError):
            await self._looker.wake(woken, self.now())

    async def mend(self, woken: Woken, *, anew: bool) -> None:
        """Wake workflows, or begin them anew from their rows.

        Raises:
            RPCError: Temporal can't be reached.
        """
        send = self._looker.begin_anew if anew else self._looker.wake
        await send(woken, self.now())

    async def runs(self, workflow_id: str) -> bool:
        """Whether a workflow runs.

        Raises:
            RPCError: Temporal can't be asked.
        """
        return bool((await pending(self.client, workflow_id)).running)

    def sending(
        self,
        actor: str,
        verb: str,
        said: Mapping[str, Any] | Input,
        key: str,
        case: str | None = None,
        version: int | None = None,
        through: str | None = None,
        wish: str | None = None,
        basis: str | None = None,
    ) -> Sending:
        """Make the signed command of a wish, without sending it.

        Raises:
            RefusedError: `invalid`, naming the field.
        """
        identity = command_id(named(actor, "by"), named(key, "key"))
        kind = _SUBMISSIONS.get(verb)
        if verb == "submit":
            raise RefusedError(Code.INVALID, "opened_by_filing", "do")
        raw = {} if isinstance(said, Input) else dict(said)
        if kind is not None:
            about, event = case_id(kind, identity, self._key), "submit"
        else:
            about, event = named(raw.pop("case", None) if case is None else case, "case"), verb
            kind = kind_of(about)
        facts = said.plain() if isinstance(said, Input) else read(kind, event, raw)
        texts = facts.words()
        ids = {field: text.text_id(self._key, identity, field, body) for field, body in texts.items()}
        command = Command(
            id=identity,
            case=about,
            kind=kind,
            event=event,
            actor=actor,
            args={name: value for name, value in facts.facts().items() if value is not None},
            texts=ids,
            body=wish or hash_of(self._key, verb, about, facts),
            wanted_until=self.now() + WANTED,
            version=version,
            basis=basis,
            through=through or self.through,
        ).signed(self._key)
        return Sending(command, facts, {ids[field]: body for field, body in texts.items()})

    def stored(self, actor: str, key: str, wish: str) -> dict[str, Any] | None:
        """The answer that a wish got under this key before, if it was carried out.

        Raises:
            RefusedError: `invalid`, or `key_reused`: the key was used for something else.
        """
        with self.engine.begin() as connection:
            found = commands.read(connection, command_id(named(actor, "by"), named(key, "key")), outside(actor, key))
        if found is not None and found.body != wish:
            raise RefusedError(Code.KEY_REUSED, "key_reused", "key")
        return found.answer if found else None

    def _record(self, actor: str, said: Mapping[str, Any], now: datetime) -> Woken:
        with self.engine.begin() as connection:
            return record(connection, self.rulebooks, actor, said, moment(connection, now), through=self.through)

    def _prepare(
        self, sending: Sending, before_grave: Callable[[], None] | None = None, elsewhere: str | None = None
    ) -> dict[str, Any] | None:
        """Try the command on its case's row; the stored answer, if it was carried out before.

        `elsewhere`: the id of its key outside the cases (`store/command.py`).
        """
        command = sending.command
        with one_by_one(self.engine) as connection:
            known = arrival.at_desk(connection, command.id, command.actor, command.case, self.now(), elsewhere)
            return answer_of(connection, self._key, sending, known.stored) or self._ask(
                connection, sending, known, before_grave
            )

    def _ask(
        self, connection: Connection, sending: Sending, known: Wished, before_grave: Callable[[], None] | None
    ) -> dict[str, Any] | None:
        """Let the table decide by the row, and store the texts; the answer, if it was carried out meanwhile."""
        try:
            asked = ask(connection, self.rulebooks, sending.command, sending.said, known)
        except RefusedError:
            stored = answer_of(connection, self._key, sending, commands.read(connection, sending.command.id))
            if stored is None:
                raise
            return stored
        if asked.grave and before_grave is not None:
            before_grave()
        case = asked.case
        rules = self.rulebooks.policy(connection, case.rulebook, case.region)
        try:
            text.write(connection, sending.texts, owners_of(case, known.actor, rules))
        except DestroyedError:
            raise RefusedError(Code.FORBIDDEN, "erased") from None
        return None

    async def _carry_out(self, sending: Sending) -> dict[str, Any]:
        try:
            return await self.carrier.carry(sending, self._prepare)
        except RefusedError:
            await in_thread(self.engine, self._discard, sending)
            raise

    def _discard(self, sending: Sending) -> None:
        with self.engine.begin() as connection:
            text.discard(connection, sending.command.id, list(sending.texts))
