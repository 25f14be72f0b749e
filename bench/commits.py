"""What do a life's moves cost without Temporal? CPU of Python and of PostgreSQL, and statements, of each move.

Every move is tried at the door and carried straight to its commit, one after the other in this process. That shows
small differences, which the noise of a whole life hides: run it in two checkouts, in turn.
"""

import argparse
import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from activities.clock import Own
from activities.command import Request
from activities.move.commit import Commit
from bench import cpu
from bench.compare import servers
from bench.engine import Engine, opened
from bench.expected import name
from bench.life import DETAILS, REASONS, SENIORS, WINDOW, agencies, parties, severity
from bench.statements import Statements
from bench.verdict import Deaf
from desk.door.carrier import Prepare
from desk.door.door import Door
from desk.door.sending import Sending

MOVES = ("submit", "claim", "decide", "close")


@dataclass
class Straight:
    """Carries commands to their commit, without a workflow."""

    commit: Commit
    engine: Engine

    async def carry(self, sending: Sending, prepare: Prepare) -> dict[str, Any]:  # noqa: ARG002  # nobody waits in line
        """Give the commit's answer."""
        request = Request(case=sending.command.case, at=self.engine.house.clock.now(), command=sending.command)
        answer = await self.commit.commit(request)
        return answer.answer or {}

    async def close(self) -> None:
        """Nothing was begun."""


@dataclass
class Costs:
    """Milliseconds of Python and of PostgreSQL and statements a move, by move; one of each a round."""

    statements: Statements = field(default_factory=Statements)
    found: dict[str, list[tuple[float, float, float]]] = field(default_factory=dict)

    @asynccontextmanager
    async def of(self, move: str, moves: int) -> AsyncIterator[None]:
        """Note what so many moves inside cost."""
        server = {"postgres": cpu.of_servers()["postgres"]}
        before = time.process_time(), cpu.seconds(server)["postgres"], self.statements.so_far
        yield
        after = time.process_time(), cpu.seconds(server)["postgres"], self.statements.so_far
        python, postgres, sent = (then - now for then, now in zip(after, before, strict=True))
        self.found.setdefault(move, []).append((1000 * python / moves, 1000 * postgres / moves, sent / moves))

    def table(self) -> Iterable[str]:
        """A line a move, and one of the whole life; medians over the rounds, without the first."""
        found = {move: [median(column) for column in zip(*self.found[move][1:], strict=True)] for move in MOVES}
        found["a life"] = [sum(column) for column in zip(*found.values(), strict=True)]
        yield f"{'':8}{'Python, ms':>12}{'PostgreSQL':>12}{'statements':>12}"
        for move, (python, postgres, sent) in found.items():
            yield f"{move:8}{python:12.2f}{postgres:12.2f}{sent:12.1f}"


async def measure(lives: int, rounds: int) -> Costs:
    """Move all lives through one move after the other, round by round."""
    costs, total = Costs(), lives * (rounds + 1)
    async with servers() as (_, settings), opened(settings, total, appeal=False) as engine:
        here = engine.house
        commit = Commit(here.engine, here.key, Deaf(), clock=Own(here.clock.now))
        door = Door(here.engine, here.client, here.key, "", here.clock.now, carrier=Straight(commit, engine))
        for first in range(0, total, lives):
            await move_all(costs, door, commit, range(first, first + lives), agencies(total))
    return costs


async def move_all(costs: Costs, door: Door, commit: Commit, numbers: range, of: int) -> None:
    """Move lives of so many agencies through one move after the other, and note what each move costs."""
    cases: dict[int, str] = {}

    async def submit(number: int) -> None:
        filer, against = parties(number, of)
        said = {"clause": "agency.poaching", "against": name(against), "details": DETAILS}
        cases[number] = (await door.send(f"owner{filer}", "report", said, key=f"{number}"))["case"]

    async def claim(number: int) -> None:
        await door.send(f"senior{number % SENIORS}", "claim", {}, key=f"claim {number}", case=cases[number])

    async def decide(number: int) -> None:
        said = {"finding": "violation", "severity": severity(number), "reasons": REASONS}
        await door.send(f"senior{number % SENIORS}", "decide", said, key=f"decide {number}", case=cases[number])

    async def close(number: int) -> None:
        await commit.commit(Request(case=cases[number], at=door.now()))

    does: tuple[Callable[[int], Awaitable[None]], ...] = (submit, claim, decide, close)
    for move, do in zip(MOVES, does, strict=True):
        if move == "close":
            await asyncio.sleep(WINDOW.total_seconds())
        async with costs.of(move, len(numbers)):
            for number in numbers:
                await do(number)


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lives", type=int, default=100, help="lives a round (100)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds after a first one, which warms up (5)")
    asked = parser.parse_args()
    print(*asyncio.run(measure(asked.lives, asked.rounds)).table(), sep="\n", flush=True)
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
