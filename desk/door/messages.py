"""Ops read messages that Temporal keeps: a record says who, through what, before they are given out."""

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from typing import Any

from temporalio.api.common.v1 import Payload

from desk.door.door import Door
from states.situation import Actor
from states.terms import Code, RefusedError, Role
from store import repair
from store.in_thread import in_thread
from store.moment import moment
from workers.codec import UnreadableError


class Messages:
    """Decrypts for people."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def read(self, actor: Actor, given: Sequence[Mapping[str, Any]], through: str) -> list[dict[str, Any]]:
        """The messages, in the same order; each has `metadata` and `data`, in base64, as Temporal writes them in JSON.

        Raises:
            RefusedError: `forbidden`; `invalid`, naming the message that another key encrypted, or that was changed.
        """
        if actor.role is not Role.OPS:
            raise RefusedError(Code.FORBIDDEN, "only_ops")
        found = [await self._decoded(number, one) for number, one in enumerate(given)]
        if found:
            await in_thread(self._door.engine, self._note, actor, through)
        return [_written(one) for one in found]

    async def _decoded(self, number: int, given: Mapping[str, Any]) -> Payload:
        metadata = {name: b64decode(value) for name, value in given["metadata"].items()}
        payload = Payload(metadata=metadata, data=b64decode(given["data"]))
        codec = self._door.client.data_converter.payload_codec
        try:
            return (await codec.decode([payload]))[0] if codec else payload
        except UnreadableError:
            raise RefusedError(Code.INVALID, "unreadable_message", f"payloads.{number}") from None

    def _note(self, actor: Actor, through: str) -> None:
        door = self._door
        with door.engine.begin() as connection:
            repair.note_read(connection, actor.id, door.client.namespace, moment(connection, door.now()), through)


def _written(payload: Payload) -> dict[str, Any]:
    metadata = {name: b64encode(value).decode() for name, value in payload.metadata.items()}
    return {"metadata": metadata, "data": b64encode(payload.data).decode()}
