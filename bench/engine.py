"""Casework's side: the same moves through the door, with all that commits write and couriers tell the platform."""

import logging
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import text
from temporalio.client import Client

from activities.install import install
from activities.names import STANDING
from bench.expected import Found, name
from bench.life import DETAILS, REASONS, REGION, SENIORS, WINDOW, agencies, parties, severity
from bench.owned import owned
from bench.side import Moves, run_worker
from desk.door.door import Door
from ops.verify import verify
from rulebook.load import LIVE, load
from states.terms import Role
from store import feed, journal
from store.migrate import migrate
from workers import house
from workers.reach import House, reach
from workers.settings import Settings

_UNTOLD = text(
    "SELECT EXISTS (SELECT FROM standings WHERE stirred)"
    " OR EXISTS (SELECT FROM tellings WHERE told_at IS NULL AND refused_at IS NULL)"
)
_COUNTS = {
    "slots": "SELECT agency, count(*) FROM quota_slots WHERE given_back_at IS NULL GROUP BY agency",
    "penalties": "SELECT subject, count(*) FROM penalties WHERE lifted_at IS NULL GROUP BY subject",
    # One more goes to those whose other violations cost something else now, which the side by the book leaves out.
    "notices": "SELECT recipient, count(*) FROM notices WHERE template <> 'score.repriced' GROUP BY recipient",
    "scores": "SELECT DISTINCT ON (subject) subject, balance FROM ledger ORDER BY subject, number DESC",
    "told": "SELECT subject, told FROM standings WHERE told <> '{}'",
}


class Engine:
    """The client of the full engine: each life is a report of one agency against another."""

    name = "casework"

    def __init__(self, house_: House, lives: int) -> None:
        self.client: Client = house_.client
        self.house = house_
        self._door = Door.of(house_)
        self._agencies = agencies(lives)

    async def live(self, number: int, moves: Moves, *, appeal: bool) -> list[str]:
        filer, against = parties(number, self._agencies)
        about = {"clause": "agency.poaching", "against": name(against), "details": DETAILS}
        violation = {"finding": "violation", "severity": severity(number)}
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

    def settled(self) -> bool:
        with self.house.engine.begin() as connection:
            return not connection.execute(_UNTOLD).scalar()

    def found(self) -> Found:
        with self.house.engine.begin() as connection:
            counts: dict[str, Any] = {
                what: {row[0]: row[1] for row in connection.execute(text(asked))} for what, asked in _COUNTS.items()
            }
            closed = connection.execute(text("SELECT count(*) FROM cases WHERE status = 'closed'")).scalar_one()
            return Found(closed, connection.execute(text("SELECT count(*) FROM verdicts")).scalar_one(), **counts)

    async def wrong(self) -> list[str]:
        """What `verify` finds: seals, chains, scores, penalties, quotas and what was told, all computed again."""
        with self.house.engine.begin() as connection:
            return [str(found) async for found in verify(connection, self.house.clock.now())]

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
    async with owned(settings) as here:
        migrate(here.engine)
        now = here.clock.now()
        with here.engine.begin() as connection:
            override = {} if appeal else {"appeals.window": f"{WINDOW.seconds} seconds"}
            install(connection, load(LIVE, override), now)
            with journal.recording(connection, "feed", now):
                for number in range(agencies(lives)):
                    feed.agency(connection, name(number), REGION)
                    feed.person(connection, f"owner{number}", Role.OWNER, agency=name(number))
                for number in range(SENIORS):
                    feed.person(connection, f"senior{number}", Role.SENIOR_MODERATOR, regions=[REGION])
        yield Engine(here, lives)


@asynccontextmanager
async def work(data_dir: str) -> AsyncIterator[None]:
    """Run the engine's worker with its sweep."""
    logging.basicConfig(level=logging.WARNING)
    async with reach(Settings(data_dir=Path(data_dir))) as here, house.work(here):
        yield


if __name__ == "__main__":
    run_worker(work(sys.argv[1]))
