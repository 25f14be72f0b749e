"""Commands for systems' API keys. A key of the platform that may feed staff (`staff`) can be made only here."""

from dataclasses import dataclass
from typing import Annotated, Any

import typer
from typer import Argument, Option

from activities.entered import named
from desk.cli.answer import Json, refusals
from desk.cli.database import reading
from desk.cli.language import words
from desk.cli.operator import through
from desk.cli.paper import document, line, table
from desk.cli.zone import times_of
from desk.identity.caller import Scope
from desk.identity.keys import USUAL_DAYS, Keys, alive
from states.terms import Code, RefusedError, Role
from store import feed, identity, journal, party
from workers.settings import Settings

commands = typer.Typer(no_args_is_help=True, help="Make, list and revoke keys of systems.")
Person = Annotated[str, Argument(metavar="PERSON", help="As whom the system acts: of an agency, or the platform.")]
_SHOWN = ("id", "label", "scopes", "created_at", "created_by", "expires_at", "revoked_at")


@dataclass(frozen=True)
class Wanted:
    person: str
    label: str
    scopes: list[Scope]
    days: int
    platform: bool


@commands.command()
def create(
    person: Person,
    label: Annotated[str, Option(help="Which system it is for.")],
    scope: Annotated[list[Scope], Option(help="What it is for; give it several times for several.")],
    days: Annotated[int, Option(help="How long it is good.")] = USUAL_DAYS,
    platform: Annotated[bool, Option("--platform", help="PERSON is the platform itself, and new here.")] = False,
    as_json: Json = False,
) -> None:
    """Make a key. It is shown once."""
    with refusals(as_json=as_json):
        told = _create(Wanted(person, label, scope, days, platform))
    if as_json:
        document(told)
    else:
        line(str(told["key"]))
        line(f"It is good until {told['expires_at']}, and is not shown again.")


@commands.command("list")
def list_keys(person: Person, as_json: Json = False) -> None:
    """List a person's keys, also those that are over."""
    with reading() as (engine, now), engine.connect() as connection:
        rows = identity.keys_of(connection, person)
        at = now()
        times_of(engine, now, party.actor(connection, person))
    if as_json:
        document([{name: row[name] for name in _SHOWN} | {"alive": alive(row, at)} for row in rows])
        return
    table(words().say("table.keys", name=person), _SHOWN, [[row[name] for name in _SHOWN] for row in rows])


@commands.command()
def revoke(
    key: Annotated[str, Argument(metavar="KEY", help="The key's id.")], as_json: Json = False
) -> None:  # fmt: skip
    """Revoke a key at once."""
    with refusals(as_json=as_json), reading() as (engine, now), engine.begin() as connection:
        if identity.key(connection, key) is None:
            raise RefusedError(Code.NOT_FOUND, "no_key", "key", id=key)
        Keys(now).revoke(connection, key)
    if as_json:
        document({"id": key, "revoked": True})
    else:
        line(f"The key {key} is revoked.")


def _create(wanted: Wanted) -> dict[str, Any]:
    came = through(Settings())  # whoever has somebody's key acts for them
    with reading() as (engine, now), engine.begin() as connection:
        actor = party.actor(connection, wanted.person)
        if wanted.platform and party.person(connection, wanted.person) is None:
            if party.subject(connection, wanted.person) is not None:
                raise RefusedError(Code.INVALID, "name_of_subject", "person", name=wanted.person)
            with journal.recording(connection, "feed", now(), came):
                feed.person(connection, named(wanted.person, "person"), Role.PLATFORM)
            actor = party.actor(connection, wanted.person)
        if actor is None:
            raise RefusedError(Code.NOT_FOUND, "nobody", "person", name=wanted.person)
        made = Keys(now).make(connection, actor, wanted.label, wanted.scopes, wanted.days, actor.id)
        return {"id": made.id, "key": made.text, "expires_at": made.expires_at}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="key", rich_help_panel="Who may enter")
