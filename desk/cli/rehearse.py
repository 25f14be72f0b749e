"""Does the engine do as the stories say?"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from typer import Argument, Option

from desk.cli.paper import document, line
from desk.cli.played import story, told_as
from desk.cli.running import run
from desk.cli.wish import Json
from desk.rehearsal.player import Told
from desk.rehearsal.reader import read
from desk.rehearsal.rehearsal import Played, book_of
from desk.rehearsal.rehearsal import rehearse as play
from desk.rehearsal.scenario import Scenario
from desk.rehearsal.servers import Servers, servers
from workers.settings import Settings

Files = Annotated[list[Path], Argument(metavar="FILE...", help="Scenarios.")]
Keep = Annotated[Path | None, Option(metavar="DIR", help="Leave each workflow's history and the database's dump here.")]
Say = Callable[[str], None]


def rehearse(files: Files, keep: Keep = None, as_json: Json = False) -> None:
    """Play scenarios: real workflows, real database, a clock that skips. The code is 1 where an expectation fails."""
    scenarios = [read(file) for file in files]
    for scenario in scenarios:
        book_of(scenario)
    played = run(_all(scenarios, keep, _unsaid if as_json else line))
    passed = all(one.passed for one in played)
    if as_json:
        document({"passed": passed, "scenarios": [story(one) for one in played]})
    else:
        line(f"{sum(one.passed for one in played)} of {len(played)} scenarios passed.")
    if not passed:
        raise typer.Exit(1)


async def _all(scenarios: list[Scenario], keep: Path | None, say: Say) -> list[Played]:
    async with servers(Settings()) as on:
        return [
            await _one(on, scenario, keep and keep / f"{number}-{scenario.file.stem}", say)
            for number, scenario in enumerate(scenarios, start=1)
        ]


async def _one(on: Servers, scenario: Scenario, keep: Path | None, say: Say) -> Played:
    say(f"{scenario.file}: {scenario.title}")
    began = time.perf_counter()
    steps: list[Told] = []

    def told(step: Told) -> None:
        steps.append(step)
        for text in told_as(scenario.file, step):
            say(text)

    try:
        played = await play(on, scenario, told=told, keep=keep)
    except TimeoutError:
        # What is due must happen within seconds; here it didn't, so nothing after it can be told.
        played = Played(scenario, steps, [f"step {len(steps) + 1}: what is due did not happen"])
    for fault in played.faults:
        say(f"{scenario.file}: {fault}")
    word = "passed" if played.passed else "FAILED"
    say(f"  {word}: {len(steps)} steps, {len(played.cases)} cases, {time.perf_counter() - began:.1f} s")
    return played


def _unsaid(_: str) -> None:
    """Say nothing: machines read the document at the end."""
