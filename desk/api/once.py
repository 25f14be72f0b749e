"""`Idempotency-Key`: a write outside the cases is done once, and repeated answers are the stored one."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Header
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse
from sqlalchemy import Connection

from desk.door import once as door
from desk.door.once import Body, same
from desk.identity.caller import Caller
from desk.service import Service

Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="Sent again under the same key, a write is done once and answered the same, also a week later.",
        examples=["5f0c8a1e-report-17"],
    ),
]


def once(
    desk: Service,
    caller: Caller,
    key: str,
    asked: Any,
    work: Callable[[Connection], tuple[int, Body]],
    kept: Callable[[Body], Body] = same,
) -> JSONResponse:
    """Do the work once, as `desk/door/once.py` does; `work` gives status and body, `kept` the part that is stored.

    Raises:
        RefusedError: `key_reused`: something else was asked under this key.
    """

    def encoded(connection: Connection) -> tuple[int, Body]:
        status, body = work(connection)
        return status, jsonable_encoder(body)

    status, body = door.once(desk.engine, caller.actor.id, key, jsonable_encoder(asked), encoded, desk.now(), kept)
    return JSONResponse(body, status)
