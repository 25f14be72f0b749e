"""Ops mend what is stuck: its workflow reads its rows, or begins anew from them; a record says who, through what.

The workers' sweep wakes late workflows by itself (`workers/sweep.py`); this is for who does not want to wait for it,
and for what the sweep can't mend. Where nothing was missed, nothing changes.
"""

from http import HTTPStatus
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from temporalio.service import RPCError

from desk.door.door import Door
from desk.door.once import once
from desk.refusal import unanswered
from ops.stuck import Repair, Thing, Whose
from states.sight import Resource
from states.situation import Actor
from states.terms import Code, RefusedError, Role
from store import repair, sight, version
from store.in_thread import in_thread
from store.moment import moment
from store.row_security import present

__all__ = ["Mending", "Repair", "Thing", "Whose"]
_SEEN = {Whose.CASE: Resource.CASE, Whose.SUBJECT: Resource.SUBJECT, Whose.RECEIVER: Resource.WEBHOOK}
_GONE = {
    Whose.CASE: "no_case",
    Whose.SUBJECT: "nobody",
    Whose.RECEIVER: "no_receiver",
    Whose.VERSION: "no_version",
}


class Mending:
    """Mends for people, one thing at a time."""

    def __init__(self, door: Door) -> None:
        self._door = door

    @staticmethod
    def refusal(actor: Actor) -> RefusedError | None:
        """Why the actor may not, if so: it is for ops (`docs/domain.md` §7)."""
        return None if actor.role is Role.OPS else RefusedError(Code.FORBIDDEN, "only_ops")

    async def mend(
        self, actor: Actor, thing: Thing, how: Repair = Repair.LOOK, *, key: str, through: str | None = None
    ) -> dict[str, Any]:
        """Keep in the records that the actor mends it, once under the key, and do it.

        A workflow without a case, which reads that there is none and ends, is mended too; none is of a case that is
        called like another's courier.

        Raises:
            RefusedError: `forbidden`; `not_found`: there is none that the actor sees; `key_reused`; `unavailable`: it
                is in the records, and Temporal could not be reached.
        """
        if (refused := self.refusal(actor)) is not None:
            raise refused
        door, name = self._door, thing.name
        try:
            if "\0" in name or Thing.of_workflow(thing.workflow_id) != thing or not await self._there(actor, thing):
                raise RefusedError(
                    Code.NOT_FOUND, _GONE[thing.whose], thing.whose.value, name=name, case=name, receiver=name
                )
            answer = await in_thread(door.engine, self._kept, actor, thing, how, key, through)
            await door.mend(thing.woken, anew=how is Repair.ANEW)
        except (SQLAlchemyError, OSError, RPCError) as error:
            raise unanswered(error) from error
        return answer

    async def _there(self, actor: Actor, thing: Thing) -> bool:
        if await in_thread(self._door.engine, self._seen, actor, thing):
            return True
        return thing.whose is Whose.CASE and await self._door.runs(thing.workflow_id)

    def _seen(self, actor: Actor, thing: Thing) -> bool:
        with present(self._door.engine, actor, self._door.now()) as (connection, now):
            if thing.whose is Whose.VERSION:
                return version.read(connection, thing.name) is not None
            return sight.sees(connection, actor, _SEEN[thing.whose], thing.name, now)

    def _kept(self, actor: Actor, thing: Thing, how: Repair, key: str, through: str | None) -> dict[str, Any]:
        door, said = self._door, {"whose": thing.whose.value, "name": thing.name, "repair": how.value}

        def work(connection: Connection) -> tuple[int, dict[str, Any]]:
            at = moment(connection, door.now())
            repair.note(connection, actor.id, thing.whose, thing.name, how, at, through or door.through)
            return HTTPStatus.ACCEPTED, said | {"at": at.isoformat()}

        return once(door.engine, actor.id, key, ["repair", said], work, door.now())[1]
