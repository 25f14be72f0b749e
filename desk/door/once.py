"""Idempotency of writes outside the cases: the answer is stored under sender and key, in the write's transaction."""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine

from activities.command import command_id
from states.terms import Code, RefusedError
from store import answer, command
from store.answer import Kept

Body = dict[str, Any]


def outside(actor: str, key: str) -> str:
    """The id that somebody's key has outside the cases; a key that is used for one is used for the other, too."""
    return command_id(actor, f"http {key}")


def same(body: Body) -> Body:
    """Keep the whole body."""
    return body


def once(
    engine: Engine,
    actor: str,
    key: str,
    asked: object,
    work: Callable[[Connection], tuple[int, Body]],
    now: datetime,
    kept: Callable[[Body], Body] = same,
    formerly: object = None,
) -> tuple[int, Body]:
    """Do the work in one transaction and store its status and body; repeated, give the stored ones.

    `asked` is everything that was asked for, as a JSON value; the body is JSON, too. `kept` gives the part of the body
    that is stored, without a secret that is shown only once. `formerly` is what an older release
    took for everything.

    Raises:
        RefusedError: `key_reused`: something else was asked under this key.
    """
    found = _hash(asked)
    identity = outside(actor, key)
    with engine.begin() as connection:
        before = answer.read(connection, identity)
        moved = before is None and command.read(connection, command_id(actor, key)) is not None
        if moved or (before is not None and before.body not in {found, _hash(formerly)}):
            raise RefusedError(Code.KEY_REUSED, "key_reused", "Idempotency-Key")
        if before is not None:
            return before.status, before.answer
        status, body = work(connection)
        answer.keep(connection, identity, actor, Kept(found, status, kept(body)), now)
    return status, body


def _hash(asked: object) -> str:
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
