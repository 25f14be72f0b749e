"""Sends a command's input through a door to the engine: that of the settings, or one that runs here."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any
from uuid import uuid4

from sqlalchemy.exc import SQLAlchemyError

from desk.cli.answer import refusals, tell
from desk.cli.operator import must_be_served, through
from desk.cli.running import run
from desk.cli.zone import times_of
from desk.door.door import Door
from desk.reading.dossier import Dossiers
from states.terms import RefusedError
from store import case as cases
from store import party
from store.in_thread import in_thread
from workers.reach import reach
from workers.settings import Settings


def send(by: str, verb: str, said: Mapping[str, Any], key: str | None, *, as_json: bool) -> None:
    """Send the options that were given, and print the answer or the refusal. Without a key a new one is made."""
    sent_under = key or uuid4().hex
    with refusals(as_json=as_json, key=sent_under):
        answer = run(_send(by, verb, _given(said), sent_under))
    tell({**answer, "key": sent_under}, as_json=as_json)


def feed(by: str, said: Mapping[str, Any], *, as_json: bool) -> None:
    """Feed streamed days, and show what was fed; fed again they change nothing, so they need no key."""
    with refusals(as_json=as_json):
        run(_feed(by, _given(said)))
    tell(said, as_json=as_json)


def _given(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if value is not None}


async def _send(by: str, verb: str, said: Mapping[str, Any], key: str) -> dict[str, Any]:
    async with reached(by) as door:
        try:
            answer = await door.send(by, verb, said, key=key)
        except RefusedError as refused:
            await in_thread(door.engine, _read_by, door, by, said.get("case", said.get("of")))
            if isinstance(case := said.get("case"), str):
                await in_thread(door.engine, _add_allowed, door, by, case, refused)
            raise
        await in_thread(door.engine, _read_by, door, by, answer["case"])
        return answer


def _read_by(door: Door, by: str, case: object) -> None:
    """Tell times as the sender reads them; in UTC where the database is away: there is an answer all the same."""
    with suppress(SQLAlchemyError):
        with door.engine.begin() as connection:
            actor = party.actor(connection, by)
            found = cases.read(connection, case) if isinstance(case, str) else None
        times_of(door.engine, door.now, actor, found.region if found else None)


def _add_allowed(door: Door, by: str, case: str, refused: RefusedError) -> None:
    """Add to the refusal what the sender could do now, as the API does."""
    with door.engine.begin() as connection:
        actor = party.actor(connection, by)
    if actor is not None:
        Dossiers(door.engine, door.now, door.rulebooks).add_allowed(actor, case, refused)


async def _feed(by: str, said: Mapping[str, Any]) -> None:
    async with reached(by) as door:
        await door.stream(by, said)


@asynccontextmanager
async def reached(by: str) -> AsyncIterator[Door]:
    """The door of the engine that the settings name, or that runs here, for who acts."""
    settings = Settings()
    async with (
        reach(settings, pool=2) as house,
        Door.of(house, through=through(settings)) as door,
    ):
        await in_thread(house.engine, must_be_served, house.engine, settings, by)
        yield door
