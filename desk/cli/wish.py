"""Sends a command's input through a door to the engine: that of the settings, or one that runs here."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any
from uuid import uuid4

from sqlalchemy.exc import SQLAlchemyError

from activities.subject import known
from desk.cli.answer import refusals, tell
from desk.cli.evidence import bring
from desk.cli.language import words
from desk.cli.operator import must_be_served, through
from desk.cli.outlook import show, showing
from desk.cli.paper import document
from desk.cli.running import run
from desk.cli.zone import times_of
from desk.door.door import Door
from desk.door.previews import Previews
from desk.reading.dossier import Dossiers
from states.terms import RefusedError
from store import case as cases
from store import party
from store.in_thread import in_thread
from workers.reach import reach
from workers.settings import Settings


def send(
    by: str, verb: str, said: Mapping[str, Any], key: str | None, *, as_json: bool, basis: str | None = None
) -> None:
    """Send the options that were given, and print the answer or the refusal. Without a key a new one is made.

    Files of `evidence` are uploaded before.
    """
    sent_under = key or uuid4().hex
    with refusals(as_json=as_json, key=sent_under), showing(as_json=as_json):
        answer = run(_send(by, verb, _given(said), sent_under, basis))
    tell({**answer, "key": sent_under}, as_json=as_json)


def preview(by: str, verb: str, said: Mapping[str, Any], basis: str | None, *, as_json: bool) -> None:
    """Print what a decision would do, or its refusal."""
    with refusals(as_json=as_json), showing(as_json=as_json):
        told = run(_preview(by, verb, _given(said), basis))
    if as_json:
        document(told)
    else:
        show(told)


def feed(by: str, said: Mapping[str, Any], *, as_json: bool) -> None:
    """Feed streamed days, and show what was fed; fed again they change nothing, so they need no key."""
    with refusals(as_json=as_json):
        run(_feed(by, _given(said)))
    tell(said, as_json=as_json)


def _given(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if value is not None}


async def _send(by: str, verb: str, said: Mapping[str, Any], key: str, basis: str | None) -> dict[str, Any]:
    async with reached(by) as door:
        try:
            if files := said.get("evidence"):
                said = {**said, "evidence": await bring(door, by, files, key)}
            answer = await door.send(by, verb, said, key=key, basis=basis)
        except RefusedError as refused:
            await in_thread(door.engine, _read_by, door, by, said.get("case", said.get("of")))
            await in_thread(door.engine, _add_more, door, by, verb, said, refused)
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


async def _preview(by: str, verb: str, said: Mapping[str, Any], basis: str | None) -> dict[str, Any]:
    async with reached(by) as door:
        await in_thread(door.engine, _read_by, door, by, said["case"])
        return await in_thread(door.engine, _made, door, by, verb, said, basis)


def _made(door: Door, by: str, verb: str, said: Mapping[str, Any], basis: str | None) -> dict[str, Any]:
    actor = known(door.engine, by)
    try:
        return Previews(door).of(actor, words(), verb, _without_case(said), case=said["case"], basis=basis)
    except RefusedError as refused:
        _add_more(door, by, verb, said, refused)
        raise


def _add_more(door: Door, by: str, verb: str, said: Mapping[str, Any], refused: RefusedError) -> None:
    """Add to the refusal, as the API does, what the sender could do now, and what the move would do."""
    case = said.get("case")
    with door.engine.begin() as connection:
        actor = party.actor(connection, by)
    if actor is not None and isinstance(case, str):
        Dossiers(door.engine, door.now, door.rulebooks).add_allowed(actor, case, refused)
        Previews(door).add(refused, actor, words(), verb, _without_case(said), case)


def _without_case(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if name != "case"}


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
