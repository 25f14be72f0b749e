"""How does a move happen? One move, one transaction: the table decides, everything is written, or nothing."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from pydantic import JsonValue
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from temporalio import activity

from activities.command import Adopted, Answer, Command, Refusal, Request
from activities.look import Looker, Woken
from activities.move import outbox
from activities.move.consider import consider
from activities.move.effects import EFFECTS
from activities.move.input import read
from activities.move.scene import Scene
from activities.names import COMMIT
from activities.rulebooks import Rulebooks
from states.situation import ENGINE, Actor
from states.terms import Code, RefusedError
from store import as_read, restrictions, seal, text
from store import case as cases
from store import command as commands
from store.case import Case
from store.in_thread import in_thread

log = logging.getLogger("casework.commit")


class Commit:
    """The commit activity. After the transaction the others that changed are sent a `look`, also at a repetition."""

    def __init__(
        self,
        engine: Engine,
        key: bytes,
        looker: Looker,
        rulebooks: Rulebooks | None = None,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        self._engine = engine
        self._key = key
        self._looker = looker
        self._rulebooks = rulebooks or Rulebooks()
        self._now = now

    @activity.defn(name=COMMIT)
    async def commit(self, request: Request) -> Answer:
        """Carry out the command, or make the moves that are due; answer with the case as it now is.

        A refusal is an answer, not an error: an error is tried again, for the database may be away.
        """
        try:
            answer, woken = await in_thread(self._engine, self._commit, request, self._waiting())
        except RefusedError as error:
            return await in_thread(self._engine, self._refuse, request, Refusal.of(error))
        except Exception as error:
            # Tried again: an accepted command never fails for a passing reason, and a look has nobody to answer.
            if request.command is None or isinstance(error, OperationalError | PoolTimeout):
                raise
            log.exception("a command could not be carried out", extra={"case": request.case})
            failed = Refusal(code=Code.UNAVAILABLE, key="failed")
            return await in_thread(self._engine, self._refuse, request, failed)
        # After the transaction, or they would read the old rows. Where it fails, the repetition wakes them.
        await self._looker.wake(woken, request.at)
        return answer

    def _refuse(self, request: Request, refusal: Refusal) -> Answer:
        with self._engine.begin() as connection:
            return Answer(now=_adopted(cases.read(connection, request.case)), refusal=refusal)

    def _commit(self, request: Request, waited: "Waited") -> tuple[Answer, Woken]:
        with self._engine.begin() as connection:
            seal.forget(connection)
            scene = Scene(connection, request.at, self._rulebooks, EFFECTS)
            command = request.command
            case = scene.open(request.case)
            # Read under the case's lock: the same command in another transaction has ended by now.
            stored = commands.read(connection, command.id) if command else None
            if stored is not None and command is not None:
                if stored.body != command.body:
                    raise RefusedError(Code.KEY_REUSED, "key_reused", "key")
                return Answer(now=_adopted(case), answer=stored.answer), _woken(connection, case, request.at)
            actor = ENGINE
            if command is not None:
                case, actor = self._carry_out(scene, command, case, waited)
            if case is None:
                return Answer(), Woken()
            scene.settle(case.id)
            answer = None
            if command is None:
                commands.acknowledge_case(connection, case.id)
            else:
                answer = summary(as_read.of(connection, actor, case))
                commands.write(connection, _row(command, case, answer, request.at))
            scene.write_journal()
            receivers = outbox.tell(scene)
            if command is not None:
                # Again, as locks were waited for: what the sender was told failed must not happen afterwards.
                _in_time(scene, command, waited)
            return Answer(now=_adopted(case), answer=answer), Woken(
                scene.must_look, sorted(scene.penalties.to_tell), receivers
            )

    def _carry_out(self, scene: Scene, command: Command, case: Case | None, waited: "Waited") -> tuple[Case, Actor]:
        if not command.genuine(self._key):
            raise RefusedError(Code.FORBIDDEN, "unsigned")
        _in_time(scene, command, waited)
        if command.texts and not text.present(scene.connection, list(command.texts.values())):
            raise RefusedError(Code.UNAVAILABLE, "texts_lost")
        if case is not None:
            scene.lapse(case)
        said = read(command.kind, command.event, {**command.args, **command.texts})
        found = consider(scene, command, case, said)
        scene.introduce(found.case)
        scene.carry_out(found.case, command.event, found.situation, command, found.said)
        return found.case, found.situation.actor

    def _waiting(self) -> "Waited":
        """Give a function that says how long ago this activity was first scheduled: all its attempts and lock waits."""
        now = self._now
        if now is None or not activity.in_activity():
            return timedelta
        since = activity.info().scheduled_time
        return lambda: max(now() - since, timedelta())


Waited = Callable[[], timedelta]


def _in_time(scene: Scene, command: Command, waited: Waited) -> None:
    if scene.at + waited() > command.wanted_until:
        raise RefusedError(Code.UNAVAILABLE, "unavailable")


def summary(case: Case) -> dict[str, JsonValue]:
    """The answer to a command's sender, of the case as they read it."""
    return {**case.summary(), "of": case.of_case}


def _woken(connection: Connection, case: Case | None, at: datetime) -> Woken:
    if case is None:
        return Woken()
    charged = {case.subject, case.agency or case.subject}
    receivers = outbox.again(connection, case, at)
    return Woken(cases.stirred_with(connection, case), restrictions.stirred(connection, charged), receivers)


def _row(command: Command, case: Case, answer: dict[str, JsonValue], at: datetime) -> dict[str, Any]:
    asked = {"id": command.id, "actor": command.actor, "event": command.event, "body": command.body}
    return asked | {"case": case.id, "answer": answer, "at": at}


def _adopted(case: Case | None) -> Adopted | None:
    return Adopted(status=case.status, version=case.version, deadline_at=case.deadline_at) if case else None
