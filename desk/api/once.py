"""How is a write done once? Its answer is kept under its sender's key, in the same transaction as what it wrote."""

import hashlib
import json
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Header
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse
from sqlalchemy import Connection

from activities.command import command_id
from desk.api.identity.caller import Caller
from desk.api.problem import ApiCode, ProblemError
from desk.api.service import Service
from store import answer
from store.answer import Kept

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


def same(body: dict[str, Any]) -> dict[str, Any]:
    """The answer as it is."""
    return body


def once(
    desk: Service,
    caller: Caller,
    key: str,
    asked: Any,
    work: Callable[[Connection], tuple[int, dict[str, Any]]],
    kept: Callable[[dict[str, Any]], dict[str, Any]] = same,
) -> JSONResponse:
    """Do the work in one transaction and keep its answer, or give the answer that was kept.

    `asked` is all that was asked for; `kept` gives what is kept of the answer, where a secret is shown only once.

    Raises:
        ProblemError: `key_reused`: something else was asked under this key.
    """
    found = _hash(asked)
    identity = command_id(caller.actor.id, f"http {key}")
    with desk.engine.begin() as connection:
        before = answer.read(connection, identity)
        if before is not None and before.body != found:
            raise ProblemError(ApiCode.KEY_REUSED, "Something else was asked under this key.", "Idempotency-Key")
        if before is not None:
            return JSONResponse(before.answer, before.status)
        status, body = work(connection)
        told = jsonable_encoder(body)
        answer.keep(connection, identity, caller.actor.id, Kept(found, status, kept(told)), desk.now())
    return JSONResponse(told, status)


def _hash(asked: Any) -> str:
    return hashlib.sha256(json.dumps(jsonable_encoder(asked), sort_keys=True).encode()).hexdigest()
