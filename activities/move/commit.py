"""How does a move happen? One move, one transaction: the table decides, everything is written, or nothing."""

import logging
from datetime import datetime, timedelta
from typing import Any

from pydantic import JsonValue
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from temporalio import activity

from activities.clock import Clock, Now, Story
from activities.command import Adopted, Answer, Command, Refusal, Request
from activities.look import Looker, Woken
from activities.move import measures, outbox
from activities.move.carry_out import carry_out
from activities.move.consider import Considered
from activities.move.effects import EFFECTS
from activities.move.input import read
from activities.move.preview import hold
from activities.move.scene import Scene
from activities.names import COMMIT
from activities.retention import kept
from activities.rulebooks import Rulebooks
from activities.shown import Shown
from states.terms import Code, RefusedError
from store import arrival, as_read, restrictions, seal
from store import case as cases
from store import command as commands
from store.arrival import Arrival
from store.case import Case
from store.in_thread import in_thread
from store.keyring import name_of, of_case
from store.moment import ahead

log = logging.getLogger("casework.commit")
# Logged once a minute (`workers/log.py`).
SELDOM = {"seldom": "late"}


class Commit:
    """The commit activity. After the transaction the others that changed are sent a `look`, also at a repetition.

    It acts by its `clock`; without one it believes the time of each request, as a rehearsal does.
    """

    def __init__(
        self,
        engine: Engine,
        key: bytes,
        looker: Looker,
        rulebooks: Rulebooks | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._engine = engine
        self._key = key
        self._looker = looker
        self._rulebooks = rulebooks or Rulebooks()
        self._clock = clock or Story()

    @activity.defn(name=COMMIT)
    async def commit(self, request: Request) -> Answer:
        """Carry out the command, or make the moves that are due; answer with the case as it now is.

        A refusal is an answer, not an error: an error is tried again, for the database may be away.
        """
        now = self._clock.watch(request.at)
        try:
            answer, woken = await in_thread(self._engine, self._commit, request, now)
        except RefusedError as error:
            log.info("a command was refused", extra=_told(request) | {"code": error.code, "key": error.key})
            return await in_thread(self._engine, self._refuse, request, Refusal.of(error), now)
        except Exception as error:
            # Tried again: an accepted command never fails for a passing reason, and a look has nobody to answer.
            if request.command is None or isinstance(error, OperationalError | PoolTimeout):
                raise
            log.exception("a command could not be carried out", extra={"case": request.case})
            failed = Refusal(code=Code.UNAVAILABLE, key="failed")
            return await in_thread(self._engine, self._refuse, request, failed, now)
        # After the transaction, or they would read the old rows. Where it fails, the repetition wakes them.
        await self._looker.wake(woken, now())
        log.info("a case was read and moved as far as it goes", extra=_told(request, answer))
        return answer

    def _refuse(self, request: Request, refusal: Refusal, now: Now) -> Answer:
        with self._engine.begin() as connection:
            return self._answer(request, cases.read(connection, request.case), now, refusal=refusal)

    def _commit(self, request: Request, now: Now) -> tuple[Answer, Woken]:
        with self._engine.begin() as connection:
            seal.forget(connection)
            scene = Scene(connection, now(), self._rulebooks, EFFECTS)
            done = self._move(scene, request, now)
        measures.count(scene)
        return done

    def _move(self, scene: Scene, request: Request, now: Now) -> tuple[Answer, Woken]:
        connection, command = scene.connection, request.command
        if command is not None and command.event == "claim":
            # Before the case, in the order of `activities/feed/people.py`: so who leaves holds nothing afterwards.
            scene.hold(command.actor)
        case = scene.open(request.case)
        answer = None
        if command is not None:
            # Read under the case's lock: the same command in another transaction has ended by now.
            known = arrival.at_commit(connection, command.id, command.actor, command.texts.values())
            if (stored := known.stored) is not None:
                if stored.body != command.body:
                    raise RefusedError(Code.KEY_REUSED, "key_reused", "key")
                return self._answer(request, case, now, answer=stored.answer), _woken(connection, case, scene.at)
            found = self._carry_out(scene, command, known, case, now)
            case = found.case
            if command.basis is not None:
                hold(scene, command, case)
            scene.write_cases()
            answer = summary(as_read.of(connection, found.situation.actor, case))
            commands.write(connection, _row(command, case, answer, scene.at))
        elif case is not None:
            scene.settle(case.id)
            scene.write_cases()
            commands.acknowledge_case(connection, case.id)
        else:
            return Answer(), Woken()
        scene.write_journal()
        receivers = outbox.tell(scene)
        if command is not None:
            # Again, as locks were waited for: what the sender was told failed must not happen afterwards.
            _in_time(connection, command, now)
        woken = Woken(scene.must_look, sorted(scene.penalties.to_tell), receivers)
        return self._answer(request, case, now, answer=answer), woken

    def _carry_out(self, scene: Scene, command: Command, known: Arrival, case: Case | None, now: Now) -> Considered:
        if not command.genuine(self._key):
            raise RefusedError(Code.FORBIDDEN, "unsigned")
        _in_time(scene.connection, command, now)
        if not known.texts.keys() >= {*command.texts.values()}:
            raise RefusedError(Code.UNAVAILABLE, "texts_lost")
        scene.meet(command.actor, known.actor)
        said = read(command.kind, command.event, {**command.args, **command.texts})
        found = carry_out(scene, command, case, said)
        if kept(scene.policy(found.case), found.case.kind) is not None:
            # A version with a period took force since the desk stored them: stored again, they can end with the case.
            own = name_of(of_case(found.case.id))
            if any(own not in wrapped_by for wrapped_by in known.texts.values()):
                raise RefusedError(Code.UNAVAILABLE, "texts_lost")
        return found

    def _answer(self, request: Request, case: Case | None, now: Now, **said: Any) -> Answer:
        found = Adopted(status=case.status, version=case.version, deadline_at=case.deadline_at) if case else None
        own = {"at": now(), "shown": Shown.of(case) if case else None} if self._clock.leads else {}
        answer = Answer(now=found, **own, **said)
        return answer.signed(self._key, request.command) if request.command else answer


def _in_time(connection: Connection, command: Command, now: Now) -> None:
    late = now() - command.wanted_until
    if late > timedelta():
        told = late.total_seconds(), ahead(connection, now()).total_seconds()
        log.warning(
            "a command came %.1f s too late, by a clock that is %.1f s ahead of the database's", *told, extra=SELDOM
        )
        raise RefusedError(Code.UNAVAILABLE, "unavailable")


def _told(request: Request, answer: Answer | None = None) -> dict[str, Any]:
    """What a line of the log says of a commit."""
    command, now = request.command, answer.now if answer else None
    asked = {"command": command.id, "move": command.event} if command else {}
    return {"case": request.case, "status": now.status if now else None, **asked}


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
