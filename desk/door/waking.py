"""Ops have a workflow read its rows at once: what it missed it then does, and where it missed nothing, nothing changes.

The workers' sweep wakes late workflows by itself (`workers/sweep.py`); this is for who does not want to wait for it.
"""

from enum import StrEnum

from activities.look import Woken
from desk.door.door import Door
from states.sight import Resource
from states.situation import Actor
from states.terms import Code, RefusedError, Role
from store import sight
from store.in_thread import in_thread
from store.row_security import present


class Wakes(StrEnum):
    """Whose workflow it is: a case's, or the courier of a subject or of a receiver of webhooks."""

    CASE = "case"
    SUBJECT = "subject"
    RECEIVER = "receiver"


_SEEN = {Wakes.CASE: Resource.CASE, Wakes.SUBJECT: Resource.SUBJECT, Wakes.RECEIVER: Resource.WEBHOOK}
_GONE = {Wakes.CASE: "no_case", Wakes.SUBJECT: "nobody", Wakes.RECEIVER: "no_receiver"}


class Waking:
    """Wakes workflows for people. Where Temporal is away the sweep does it later."""

    def __init__(self, door: Door) -> None:
        self._door = door

    @staticmethod
    def refusal(actor: Actor) -> RefusedError | None:
        """Why the actor may not, if so: it is for ops (`docs/domain.md` §7)."""
        return None if actor.role is Role.OPS else RefusedError(Code.FORBIDDEN, "only_ops")

    async def wake(self, actor: Actor, which: Wakes, name: str) -> None:
        """Have the workflow of that name read its rows.

        Raises:
            RefusedError: `forbidden`; `not_found`: there is none that the actor sees.
        """
        if (refused := self.refusal(actor)) is not None:
            raise refused
        if "\0" in name or not await in_thread(self._door.engine, self._there, actor, which, name):
            raise RefusedError(Code.NOT_FOUND, _GONE[which], which.value, name=name, case=name, receiver=name)
        await self._door.wake(_woken(which, name))

    def _there(self, actor: Actor, which: Wakes, name: str) -> bool:
        with present(self._door.engine, actor, self._door.now()) as (connection, now):
            return sight.sees(connection, actor, _SEEN[which], name, now)


def _woken(which: Wakes, name: str) -> Woken:
    if which is Wakes.CASE:
        return Woken(cases=[name])
    return Woken(subjects=[name]) if which is Wakes.SUBJECT else Woken(receivers=[name])
