"""A delivery of a webhook is sent again, as a new one: by whoever owns its receiver, or by ops."""

from typing import Any

from sqlalchemy import Connection, RowMapping

from activities.look import Woken
from desk.door.door import Door
from desk.door.once import once
from states.situation import Actor
from states.terms import Code, RefusedError
from store import delivery, webhook
from store.in_thread import in_thread


def replayed(connection: Connection, door: Door, actor: Actor, receiver: str, original: str) -> RowMapping:
    """Put a delivery of the receiver behind those that wait.

    Raises:
        RefusedError: `not_found`: there is no such receiver, or delivery, that the actor sees.
    """
    if not webhook.owns(connection, actor, receiver, door.now()):
        raise RefusedError(Code.NOT_FOUND, "no_receiver", "webhook", receiver=receiver)
    row = delivery.replay(connection, receiver, original, door.now())
    if row is None:
        raise RefusedError(Code.NOT_FOUND, "no_delivery", "delivery", delivery=original)
    return row


async def replay(door: Door, actor: Actor, key: str, receiver: str, original: str) -> None:
    """Send a delivery again, once under its key, and wake the receiver's courier.

    Raises:
        RefusedError: as `replayed`; `key_reused`.
    """

    def work(connection: Connection) -> tuple[int, dict[str, Any]]:
        return 0, {"id": replayed(connection, door, actor, receiver, original)["id"]}

    asked = ["replay", receiver, original]
    await in_thread(door.engine, once, door.engine, actor.id, key, asked, work, door.now())
    await door.wake(Woken(receivers=[receiver]))
