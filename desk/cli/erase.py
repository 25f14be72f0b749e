"""`casework erase` and `casework hold`: people are forgotten, unless the law wants what is theirs to be kept."""

from dataclasses import asdict
from typing import Annotated, Any

import typer
from typer import Argument, Option

from activities.entered import named
from desk.cli.answer import Json, refusals, tell
from desk.cli.database import reading
from desk.cli.language import words
from desk.cli.operator import through, who_runs_it
from desk.cli.paper import line
from desk.door.erasing import Erasing
from workers.settings import Settings

_Why = Annotated[str, Option("--reason", help="Why, without content: it is kept.")]


def erase(
    person: Annotated[str, Argument(metavar="PERSON", help="Who has left, and is to be forgotten.")],
    reason: _Why,
    yes: Annotated[bool, Option("--yes", help="Do it; without this it is only said what would be done.")] = False,
    as_json: Json = False,
) -> None:
    """Forget somebody who has left: say what would be erased, and with --yes do it, for good."""
    with refusals(as_json=as_json):
        told = _erase(person, named(reason, "reason"), yes=yes)
    tell(told, as_json=as_json)
    if not as_json:
        line(words().say("say.erased_now" if yes else "say.with_yes"))


def hold(
    name: Annotated[str, Argument(metavar="NAME", help="A person, a creator or a case.")],
    reason: _Why,
    release: Annotated[bool, Option("--release", help="Hold it no longer.")] = False,
    as_json: Json = False,
) -> None:
    """Hold what is somebody's, or a case's, back from erasing; or with --release no longer."""
    with refusals(as_json=as_json):
        came = through(Settings())
        with reading() as (engine, now):
            erasing, why = Erasing(engine, now, came), named(reason, "reason")
            erasing.hold(who_runs_it(), named(name, "name"), why, hold=not release)
    tell({"name": name, "held": not release}, as_json=as_json)


def _erase(person: str, reason: str, *, yes: bool) -> dict[str, Any]:
    came = through(Settings())
    with reading() as (engine, now):
        erasing, who = Erasing(engine, now, came), named(person, "person")
        found = erasing.erase(who_runs_it(), who, reason) if yes else erasing.foresee(who)
    counted = {name: value for name, value in asdict(found).items() if name not in {"open", "held"}}
    return {"person": person, "erased": yes, **counted, "cases": len(found.cases)}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (erase, hold):
        app.command(rich_help_panel="Operate")(command)
