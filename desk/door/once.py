"""How is a write outside the cases done once? Its answer is kept under its sender's key, with what it wrote."""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine

from activities.command import command_id
from states.terms import Code, RefusedError
from store import answer
from store.answer import Kept

Body = dict[str, Any]


def same(body: Body) -> Body:
    """The answer as it is."""
    return body


def once(
    engine: Engine,
    actor: str,
    key: str,
    asked: object,
    work: Callable[[Connection], tuple[int, Body]],
    now: datetime,
    kept: Callable[[Body], Body] = same,
) -> tuple[int, Body]:
    """Do the work in one transaction and keep its status and body, or give what was kept.

    `asked` is all that was asked for, a JSON value, and so is the body; `kept` gives what is kept of it, where a secret
    is shown only once.

    Raises:
        RefusedError: `key_reused`: something else was asked under this key.
    """
    found = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
    identity = command_id(actor, f"http {key}")
    with engine.begin() as connection:
        before = answer.read(connection, identity)
        if before is not None and before.body != found:
            raise RefusedError(Code.KEY_REUSED, "key_reused", "Idempotency-Key")
        if before is not None:
            return before.status, before.answer
        status, body = work(connection)
        answer.keep(connection, identity, actor, Kept(found, status, kept(body)), now)
    return status, body
