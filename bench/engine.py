"""Casework's side: the same moves through the door, with all that commits write and couriers tell the platform."""

import logging
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from temporalio.client import Client

from activities.install import install
from activities.names import STANDING
from bench.side import DETAILS, REASONS, WINDOW, Moves, run_worker
from desk.door.door import Door
from rulebook.load import LIVE, load
from states.terms import Role
from store import feed, journal
from store.migrate import migrate
from workers import house
from workers.reach import House, reach
from workers.settings import Settings

REGION = "VN"
# Seniors, who may claim both reports and appeals.
SENIORS = 8
# How many violations of an agency a year's score has when the bench is over.
VIOLATIONS = 5


class Engine:
    """The client of the full engine: each life is a report of one agency against another."""

    name = "engine"

    def __init__(self, house_: House, agencies: int) -> None:
        self.client: Client = house_.client
        self._door = Door.of(house_)
        self._agencies = agencies

    async def live(self, number: int, moves: Moves, *, appeal: bool) -> list[str]:
        filer = number % self._agencies
        against = (filer + 1 + number // self._agencies) % self._agencies
        about = {"clause": "agency.poaching", "against": f"agency{against}", "details": DETAILS}
        violation = {"finding": "violation", "severity": ("mild", "moderate")[number % 2]}
        report = await self._send(moves, f"owner{filer}", "report", f"{number}", **about)
        await self._decided(moves, report, number, **violation)
        if not appeal:
            return [report]
        said = {"of": report, "grounds": DETAILS}
        appealed = await self._send(moves, f"owner{against}", "appeal", f"{number}", **said)
        await self._decided(moves, appealed, number + 1, outcome="overturned")
        return [appealed, report]

    async def beside(self) -> list[tuple[str, str]]:
        couriers = self.client.list_workflows(f"WorkflowType = '{STANDING}'")
        return [(found.id, found.run_id) async for found in couriers]

    async def _decided(self, moves: Moves, case: str, number: int, **said: Any) -> None:
        senior = f"senior{number % SENIORS}"
        await self._send(moves, senior, "claim", case, case=case)
        await self._send(moves, senior, "decide", case, case=case, reasons=REASONS, **said)

    async def _send(self, moves: Moves, actor: str, verb: str, key: str, **said: Any) -> str:
        async with moves.timed("submit" if verb == "report" else verb):
            told = await self._door.send(actor, verb, said, key=f"{verb} {key}")
        return str(told["case"])


@asynccontextmanager
async def opened(settings: Settings, lives: int, *, appeal: bool) -> AsyncIterator[Engine]:
    """The engine's client, once its database has schema, rulebook and a cast for so many lives."""
    async with reach(settings) as here:
        migrate(here.engine)
        agencies, now = lives // VIOLATIONS + 2, here.clock.now()
        with here.engine.begin() as connection:
            override = {} if appeal else {"appeals.window": f"{WINDOW.seconds} seconds"}
            install(connection, load(LIVE, override), now)
            with journal.recording(connection, "feed", now):
                for number in range(agencies):
                    feed.agency(connection, f"agency{number}", REGION)
                    feed.person(connection, f"owner{number}", Role.OWNER, agency=f"agency{number}")
                for number in range(SENIORS):
                    feed.person(connection, f"senior{number}", Role.SENIOR_MODERATOR, regions=[REGION])
        yield Engine(here, agencies)


@asynccontextmanager
async def work(data_dir: str) -> AsyncIterator[None]:
    """Run the engine's worker with its sweep."""
    logging.basicConfig(level=logging.WARNING)
    async with reach(Settings(data_dir=Path(data_dir))) as here, house.work(here):
        yield


if __name__ == "__main__":
    run_worker(work(sys.argv[1]))
