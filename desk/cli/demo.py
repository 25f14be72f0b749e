"""`casework demo`: plays a year of an agency as a rehearsal, and shows its score, ledgers and a case."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from typer import Option

from desk.cli.paper import console, line
from desk.cli.running import run
from desk.demo import plot, svg
from desk.demo.ledger import ledger
from desk.demo.picture import chart
from desk.demo.timeline import timeline
from desk.demo.year import AGENCY, Watch, Year, play, script
from ops.rehearsal.script.scenario import Scenario
from ops.rehearsal.script.step import Step
from ops.rehearsal.stage.servers import servers
from workers.settings import Settings

Svg = Annotated[
    Path | None, Option("--svg", metavar="FILE", dir_okay=False, help="Write the chart here, as a picture.")
]
_WIDEST = 100


def demo(picture: Svg = None) -> None:
    """Play a year of an agency in seconds, and show its score, its ledger and a case. The code is 1 where it fails."""
    if picture is not None and not picture.absolute().parent.is_dir():
        raise typer.BadParameter(f"there is no folder {picture.parent}", param_hint="--svg")
    scenario, on = script(), console()
    line(f"A year of the agency {AGENCY}: real workflows and database, a clock that skips.")
    began = time.perf_counter()
    with progress(on, scenario) as watch:
        year = run(_played(scenario, watch))
    took = time.perf_counter() - began
    if faults := list(year.faults):
        for fault in faults:
            line(f"{scenario.file}: {fault}")
        raise typer.Exit(1)
    show(on, year)
    if picture is not None:
        picture.write_text(svg.drawn(chart(year)), encoding="utf-8")
        line(f"The picture is {picture}.")
    steps, cases = len(year.played.steps), len(year.played.cases)
    line(f"{steps} steps and {cases} cases in {took:.0f} s, all as expected and verified.")
    line(f"The story is {scenario.file}: `casework rehearse` plays yours.")


def show(on: Console, year: Year) -> None:
    """Print the chart, the ledgers and the timeline."""
    width = min(on.width, _WIDEST)
    on.print()
    on.print(plot.drawn(chart(year), width), no_wrap=True)
    for account in year.accounts:
        if account.lines:
            on.print()
            on.print(ledger(year, account), width=width)
    on.print()
    on.print(timeline(year), width=width)
    on.print()


@contextmanager
def progress(on: Console, scenario: Scenario) -> Iterator[Watch]:
    """A progress bar with what happens now; removed at the end, and not shown in a pipe."""
    columns = (TextColumn("{task.fields[day]}"), BarColumn(30), TextColumn("{task.description}"))
    with Progress(*columns, console=on, transient=True, disable=not on.is_terminal) as bar:
        task = bar.add_task("the servers start", total=len(scenario.steps), day=f"{scenario.start:%d %b %Y}")

        def watch(step: Step, now: datetime) -> None:
            day = f"{now.astimezone(scenario.start.tzinfo):%d %b %Y}"
            bar.update(task, completed=step.number, day=day, description=_said(step))

        yield watch


async def _played(scenario: Scenario, watch: Watch) -> Year:
    async with servers(Settings()) as on:
        return await play(on, scenario, watch)


def _said(step: Step) -> str:
    """What happens in a step, in a few words."""
    if step.act is None:
        return "time passes"
    given = step.act.given()
    about = given.get("id") or given.get("case") or given.get("creator") or ""
    return f"{step.by}: {step.act.do} {about}".rstrip()


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel="Run")(demo)
