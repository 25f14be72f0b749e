"""How does a move happen? One move, one transaction: the table decides, everything is written, or nothing."""

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime

from pydantic import JsonValue
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity

from activities.command import Answer, Command, Now, Refusal, Request
from activities.consider import consider, situation_of
from activities.effects import EFFECTS
from activities.library import Library
from activities.names import COMMIT
from activities.scene import Scene
from states.terms import Code, RefusedError
from store import case as cases
from store import command as commands
from store import text
from store.case import Case

log = logging.getLogger("casework.commit")


class Commit:
    """The commit activity. `look` is called with the other cases that changed, after the transaction."""

    def __init__(
        self,
        engine: AsyncEngine,
        key: bytes,
        look: Callable[[list[str], datetime], Awaitable[None]],
        library: Library | None = None,
    ) -> None:
        self._engine = engine
        self._key = key
        self._look = look
        self._library = library or Library()

    @activity.defn(name=COMMIT)
    async def commit(self, request: Request) -> Answer:
        """Carry out the command, or let pass what is due; answer with the case as it now is.

        Whatever is refused is an answer, not an error: an error is tried again, for the database may be away.
        """
        try:
            answer, others = await self._commit(request)
        except RefusedError as error:
            return await self._refuse(request, Refusal.of(error))
        except Exception as error:
            if request.command is None or isinstance(error, OperationalError | PoolTimeout):
                raise
            log.exception("a command could not be carried out", extra={"case": request.case})
            reason = "The command could not be carried out; nothing has changed."
            return await self._refuse(request, Refusal(code=Code.UNAVAILABLE, reason=reason))
        await self._look(others, request.at)
        return answer

    async def _refuse(self, request: Request, refusal: Refusal) -> Answer:
        async with self._engine.connect() as connection:
            return Answer(now=_as_now(await cases.read(connection, request.case)), refusal=refusal)

    async def _commit(self, request: Request) -> tuple[Answer, list[str]]:
        async with self._engine.begin() as connection:
            scene = Scene(connection, request.at, self._library, EFFECTS)
            command = request.command
            case = await scene.open(request.case)
            if command is not None:
                stored = await commands.read(connection, command.id)
                if stored is not None:
                    others = await cases.stirred_with(connection, case) if case else []
                    return Answer(now=_as_now(case), told=stored.answer), others
                case = await self._carry_out(scene, command, case)
            if case is None:
                return Answer(), []
            others = await scene.finish(case.id)
            if command is None:
                await commands.sign_for_case(connection, case.id)
                return Answer(now=_as_now(case)), others
            told = tell(case)
            await commands.write(
                connection,
                command.id,
                case=case.id,
                actor=command.actor,
                event=command.event,
                body=command.body,
                answer=told,
                at=request.at,
            )
            return Answer(now=_as_now(case), told=told), others

    async def _carry_out(self, scene: Scene, command: Command, case: Case | None) -> Case:
        if not command.genuine(self._key):
            raise RefusedError(Code.FORBIDDEN, "The command was not signed by a desk.")
        if scene.at > command.wanted_until:
            raise RefusedError(Code.UNAVAILABLE, "Nobody could answer in time; the command was not carried out.")
        if command.texts and not await text.present(scene.connection, list(command.texts.values())):
            raise RefusedError(Code.UNAVAILABLE, "The texts were lost on the way; send the command again.")
        if case is not None:
            await scene.lapse(case)
        found = await consider(scene, command, case)
        scene.introduce(found.case)
        await scene.carry_out(found.case, command.event, await situation_of(scene, found), command, found.said)
        return found.case


def tell(case: Case) -> dict[str, JsonValue]:
    """What a command's sender is told."""
    return {
        "case": case.id,
        "kind": case.kind,
        "stage": case.status.stage,
        "status": case.status,
        "outcome": case.outcome,
        "version": case.version,
        "at": case.moved_at.isoformat(),
        "of": case.of_case,
    }


def _as_now(case: Case | None) -> Now | None:
    return Now(status=case.status, version=case.version, deadline_at=case.deadline_at) if case else None
