"""`casework stuck`: what does not go on, why, since when, and what mends it."""

from typing import Any

import typer

from activities.subject import known
from desk.cli.answer import Json, refusals
from desk.cli.history import Reader
from desk.cli.language import words
from desk.cli.operator import who_runs_it
from desk.cli.paper import document, line, table
from desk.cli.running import run
from desk.reading.watch import Watch, Watched, listed
from ops.stuck import Stuck
from store.in_thread import in_thread
from workers.reach import reach
from workers.settings import Settings

_STUCK = ("whose", "name", "trouble", "since", "attempt", "error", "repair")


def stuck(by: Reader = None, as_json: Json = False) -> None:
    """Show what does not go on, why, since when, and what mends it; code 1: something does not."""
    with refusals(as_json=as_json):
        watched = run(_stuck(by))
    if as_json:
        document(listed(watched))
    else:
        if watched.crew is None:
            line(words().say("say.temporal_away"))
        elif not watched.crew.workers:
            line(words().say("say.nobody_works"))
        table(words().say("table.stuck"), _STUCK, [_row(one) for one in watched.stuck])
    if not watched.quiet:
        raise typer.Exit(1)


async def _stuck(by: str | None) -> Watched:
    async with reach(Settings(), pool=2) as house:
        actor = await in_thread(house.engine, known, house.engine, by) if by else who_runs_it()
        watch = Watch(house.engine, house.clock.now, house.client, house.settings.task_queue)
        return await watch.look(actor, exactly=True)


def _row(one: Stuck) -> list[Any]:
    tried = (one.failing.number, f"{one.failing.name}: {one.failing.error or ''}") if one.failing else (None, None)
    mended = words().term("repair", one.repair) if one.repair else words().term("mended", one.trouble)
    return [one.thing.whose, one.thing.name, one.trouble, one.since, *tried, mended]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel="Operate")(stuck)
