"""`casework rehearse`: plays scenarios and compares the engine with what they expect."""

import asyncio
import sys
import time
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from typer import Argument, Option

from desk.cli.answer import Json
from desk.cli.paper import document, line
from desk.cli.played import InTurn, Say, story, told_as
from desk.cli.running import run
from desk.rehearsal.direct import direct
from desk.rehearsal.over_http import over_http
from ops.rehearsal.script.malformed import MalformedScenario
from ops.rehearsal.script.reader import read
from ops.rehearsal.script.scenario import Scenario
from ops.rehearsal.stage.books import book_of
from ops.rehearsal.stage.player import Result
from ops.rehearsal.stage.rehearsal import Played
from ops.rehearsal.stage.rehearsal import rehearse as play
from ops.rehearsal.stage.servers import Servers, servers
from rulebook.characters import shown
from workers.embedded.error import EmbeddedError
from workers.settings import Settings

Files = Annotated[list[Path], Argument(metavar="FILE...", help="Scenarios.")]
Keep = Annotated[Path | None, Option(metavar="DIR", help="Leave each workflow's history and the database's dump here.")]
# At most four at once: each takes up to 20 database connections, and the embedded PostgreSQL has 100.
OverHttp = Annotated[bool, Option("--over-http", help="Play through the API, with a token for each person.")]
AtOnce = Annotated[int, Option(metavar="N", min=1, max=4, help="How many are played at once; they are told in order.")]


def rehearse(
    files: Files, keep: Keep = None, at_once: AtOnce = 3, over_http: OverHttp = False, as_json: Json = False
) -> None:
    """Play scenarios: real workflows, real database, a clock that skips.

    The code is 1 where an expectation fails, or else 2 where a file is no scenario; the others are played.
    """
    scenarios, malformed = _read(files)
    for flaw in malformed:
        print(shown(f"{flaw}"), file=sys.stderr)
    say = _unsaid if as_json else line
    try:
        played = run(together(scenarios, keep, at_once, say, http=over_http)) if scenarios else []
    except EmbeddedError as error:
        if as_json:
            _document([], malformed, passed=False, failed=f"{error}")
        raise
    passed = sum(one.passed for one in played)
    if as_json:
        _document(played, malformed, passed=passed == len(files))
    elif scenarios:
        line(f"{passed} of {len(files)} scenarios passed.")
    if passed < len(files):
        raise typer.Exit(1 if passed < len(played) else 2)


def _document(
    played: list[Played], malformed: list[MalformedScenario], *, passed: bool, failed: str | None = None
) -> None:
    """Print the results for machines; `failed`: why none could be played."""
    told = {"passed": passed, "scenarios": [story(one) for one in played], "malformed": [f"{one}" for one in malformed]}
    document(told | ({"failed": failed} if failed else {}))


def _read(files: list[Path]) -> tuple[list[Scenario], list[MalformedScenario]]:
    """The scenarios that can be played, and the errors of the others."""
    scenarios, malformed = [], []
    for file in files:
        try:
            scenario = read(file)
            book_of(scenario)
            scenarios.append(scenario)
        except MalformedScenario as flaw:
            malformed.append(flaw)
    return scenarios, malformed


async def together(
    scenarios: list[Scenario], keep: Path | None, at_once: int, say: Say, *, http: bool = False
) -> list[Played]:
    """Play several at once and print them in their order."""
    places, told = asyncio.Semaphore(at_once), InTurn(say, len(scenarios))

    async def one(number: int, scenario: Scenario) -> Played:
        async with places:
            folder = keep and keep / f"{number + 1}-{scenario.file.stem}"
            played = await _one(on, scenario, folder, partial(told.tell, number), http=http)
            told.end(number)
            return played

    async with servers(Settings()) as on, asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(*each)) for each in enumerate(scenarios)]
    return [task.result() for task in tasks]


async def _one(on: Servers, scenario: Scenario, keep: Path | None, say: Say, *, http: bool) -> Played:
    say(f"{scenario.file}: {scenario.title}")
    began = time.perf_counter()
    steps: list[Result] = []

    def told(step: Result) -> None:
        steps.append(step)
        for text in told_as(scenario.file, step):
            say(text)

    played = await play(on, scenario, over_http if http else direct, told=told, keep=keep)
    for fault in played.faults:
        say(f"{scenario.file}: {fault}")
    word = "passed" if played.passed else "FAILED"
    say(f"  {word}: {len(steps)} steps, {len(played.cases)} cases, {time.perf_counter() - began:.1f} s")
    return played


def _unsaid(_: str) -> None:
    """Print nothing: with `--json` there is only the document at the end."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel="Policy and proof")(rehearse)
