"""How is a file uploaded once? Taken in, cleaned and stored; and its row is written under its sender's key."""

import hmac
import json
from collections.abc import AsyncIterator
from datetime import datetime
from functools import partial
from http import HTTPStatus

from sqlalchemy import Connection, Engine

from activities.entered import named
from desk.door.once import Body, once
from desk.evidence.keep import Intake, Taken
from states.situation import Actor
from states.terms import RefusedError
from store import keyring, text
from store.in_thread import in_thread
from store.moment import moment
from workers.clearing import remove

_TOLD = ("id", "name", "kind", "size", "hash")


async def upload(
    engine: Engine, intake: Intake, actor: Actor, name: str, parts: AsyncIterator[bytes], key: str, now: datetime
) -> Body:
    """Upload a file that comes in parts, and tell its `id`, `name`, `kind`, `size` and `hash`.

    The same file again, under the same key, is the same upload. Its answer is kept without its name, and what was asked
    as a hash by a key: so neither is left when the file is erased.

    Raises:
        RefusedError: it is not taken now, or not at all; or the key was used for something else.
        AwayError: its bytes can't be stored now.
    """
    with intake.turn(actor):
        await in_thread(engine, _must_have_room, engine, intake, actor, now)
        async with intake.taken(parts) as taken:
            try:
                told = await in_thread(engine, _once, engine, intake, actor, name, taken, key, now)
            except RefusedError:
                # Or else what is refused could fill the store: no row counts it as the person's.
                await in_thread(engine, remove, engine, intake.objects, taken.hash)
                raise
            if told["hash"] != taken.hash:  # it was there already
                await in_thread(engine, remove, engine, intake.objects, taken.hash)
            return told


def called(given: str, field: str) -> str:
    """The name of a file as it is kept; of a path its parts are joined.

    Raises:
        RefusedError: `invalid`, naming the field: it is no name.
    """
    return named(given.replace("/", "_"), field)


def _must_have_room(engine: Engine, intake: Intake, actor: Actor, now: datetime) -> None:
    with engine.connect() as connection:
        intake.must_have_room(connection, actor, now)


def _once(engine: Engine, intake: Intake, actor: Actor, name: str, taken: Taken, key: str, now: datetime) -> Body:
    asked = ["POST evidence", name, taken.sent]
    with engine.connect() as connection:
        by = keyring.of(connection).of(text.HOUSE)
    hashed = hmac.digest(by, json.dumps(asked).encode(), "sha256").hex()
    write = partial(_write, intake, actor, name, taken, now)
    _, told = once(engine, actor.id, key, ["POST evidence", hashed], write, now, _nameless, formerly=asked)
    return told | {"name": name}


def _nameless(told: Body) -> Body:
    return {field: value for field, value in told.items() if field != "name"}


def _write(
    intake: Intake, actor: Actor, name: str, taken: Taken, now: datetime, connection: Connection
) -> tuple[int, Body]:
    row = intake.write(connection, actor, name, taken, moment(connection, now))
    return HTTPStatus.CREATED, {field: getattr(row, field) for field in _TOLD}
