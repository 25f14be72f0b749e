"""`casework replay`: would the code of this checkout go on with what runs? Which would break, and where."""

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated

import typer
from typer import Argument, Option

from activities.subject import known
from desk.cli.answer import Json, refusals
from desk.cli.history import Reader
from desk.cli.language import words
from desk.cli.operator import who_runs_it
from desk.cli.paper import document, line, table
from desk.cli.running import run
from desk.reading.life import must_oversee
from ops.replay import Broken, Replayed
from ops.replay import replay as replayed
from store.in_thread import in_thread
from workers.build import build
from workers.reach import reach
from workers.settings import Settings

_BROKEN = ("workflow", "open", "event", "recorded", "instead", "builds")


def replay(
    names: Annotated[list[str] | None, Argument(metavar="[WORKFLOW]...", help="These alone, by id.")] = None,
    recent: Annotated[int, Option(min=0, help="Beside the open ones, how many of those that ended last.")] = 200,
    within: Annotated[int, Option(min=1, metavar="SECONDS", help="Stop after so long.")] = 60,
    by: Reader = None,
    as_json: Json = False,
) -> None:
    """Replay histories with this code, as before an upgrade: which would break, and where; code 1: one does."""
    with refusals(as_json=as_json):
        done = run(_replay(names or [], recent, within, by))
    if as_json:
        document({"build": build(), **asdict(done)})
    else:
        say = words().say
        line(say("say.replayed", replayed=done.replayed, found=done.found, seconds=f"{done.seconds:.1f}"))
        table(say("table.broken", build=build()), _BROKEN, map(_row, done.broken))
    if done.broken:
        raise typer.Exit(1)


def _row(one: Broken) -> list[object]:
    return [one.workflow, one.open, one.event, one.recorded, one.instead, ", ".join(one.builds)]


async def _replay(names: list[str], recent: int, within: int, by: str | None) -> Replayed:
    async with reach(Settings(), pool=2) as house:
        must_oversee(await in_thread(house.engine, known, house.engine, by) if by else who_runs_it())
        settings, limit = house.settings, timedelta(seconds=within)
        return await replayed(
            house.client, settings.task_queue, recent=recent, only=names, within=limit, sandbox=settings.sandbox
        )


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel="Operate")(replay)
