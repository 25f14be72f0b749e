"""With so many cases in the store: a life's moves, a page of the queue, a case's page, a sweep. Without Temporal.

The cases are those of `bench/crowd.py`, with deadlines to come; lives are carried straight to their commits, as in
`bench/commits.py`. All figures are medians of milliseconds of CPU, of this process and of PostgreSQL together.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

import sqlalchemy as sa
from sqlalchemy import Engine as Database

from activities.clock import Own
from activities.move.commit import Commit
from activities.rulebooks import Rulebooks
from bench import crowd
from bench.asker import answer, worked
from bench.commits import Costs, Straight, move_all
from bench.compare import servers
from bench.engine import Engine, opened
from bench.life import agencies
from bench.questions import Question
from bench.verdict import Deaf
from desk.door.door import Door
from desk.reading.overview import Overviews
from store import party
from store.engine import connect
from store.schema.cases import cases
from workers.sweep import behind

ROWS = ("a life's moves", "a page of the queue", "a case's page", "a sweep")
READER, LIVES, ROUNDS, RUNS = "senior0", 40, 4, 30
# So that no deadline of the crowd has passed.
_LATER = timedelta(days=42)
_QUEUE = Question("one region", "claimable", "urgent", {"claimable": True})
_CLOSE = sa.text("""
    UPDATE cases SET status = 'closed', outcome = 'window_over', deadline_at = NULL, claimed_by = NULL,
      lease_until = NULL, asked = NULL, proposer = NULL, review_due_at = NULL
    WHERE text = 'text' AND NOT EXISTS (SELECT FROM kept WHERE kept.id = cases.id)
""")


@dataclass
class Store:
    """A database whose crowd grows; each measure moves further lives through it."""

    engine: Engine
    alone: Database
    agencies: int
    filled: int = 0
    lived: int = 0

    def fill(self, count: int) -> None:
        """Have so many open cases."""
        with self.alone.begin() as connection:
            crowd.fill(connection, count, first=self.filled + 1, at=self.engine.house.clock.now() + _LATER)
        self.filled = count
        self._vacuum()

    def close(self, count: int) -> None:
        """Have so many closed cases beside those that are open."""
        with self.alone.begin() as connection:
            connection.execute(sa.text("CREATE TEMP TABLE kept AS SELECT id FROM cases WHERE text = 'text'"))
        self.fill(self.filled + count)
        with self.alone.begin() as connection:
            connection.execute(sa.text("SET LOCAL statement_timeout = 0"))
            connection.execute(_CLOSE)
        self._vacuum()

    async def measured(self) -> list[float]:
        """A figure for each of `ROWS`."""
        return [await self._life(), *await asyncio.to_thread(self._reads)]

    async def _life(self) -> float:
        here, costs = self.engine.house, Costs()
        commit = Commit(here.engine, here.key, Deaf(), clock=Own(here.clock.now))
        door = Door(here.engine, here.client, here.key, "", here.clock.now, carrier=Straight(commit, self.engine))
        for _ in range(ROUNDS):
            await move_all(costs, door, commit, range(self.lived, self.lived + LIVES), self.agencies)
            self.lived += LIVES
        return sum(median(python + server for python, server, _ in found[1:]) for found in costs.found.values())

    def _reads(self) -> list[float]:
        now = self.engine.house.clock.now
        queue = answer(self.alone, _QUEUE.said(RUNS))
        with self.alone.begin() as connection:
            reader = party.actor(connection, READER)
            case = connection.execute(sa.select(cases.c.id).where(cases.c.filed_at <= now()).limit(1)).scalar_one()
        if reader is None:
            raise LookupError(READER)
        overviews = Overviews(self.alone, now, Rulebooks())
        return [
            median(server + here for server, here in zip(queue["server"], queue["here"], strict=True)),
            self._cpu(lambda: overviews.case(reader, case)),
            self._cpu(lambda: behind(self.alone, now())),
        ]

    def _cpu(self, ask: Callable[[], object]) -> float:
        with self.alone.connect() as connection:
            pid = connection.execute(sa.text("SELECT pg_backend_pid()")).scalar_one()
        spent = list[float]()
        for _ in range(RUNS):
            here, server = time.thread_time(), worked(pid)
            ask()
            spent.append((time.thread_time() - here) * 1000 + worked(pid) - server)
        return median(spent)

    def _vacuum(self) -> None:
        with self.alone.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("SET statement_timeout = 0"))
            connection.execute(sa.text("VACUUM ANALYZE"))
            connection.execute(sa.text("RESET statement_timeout"))


@asynccontextmanager
async def storing(measures: int) -> AsyncIterator[Store]:
    """A store of its own, in which so many measures can be made; no agency has more than two violations."""
    lives = measures * ROUNDS * LIVES
    async with servers() as (_, settings), opened(settings, 4 * lives, appeal=False) as engine:
        url = engine.house.engine.url.set(drivername="postgresql")
        alone = connect(url.render_as_string(hide_password=False), pool=1)
        try:
            yield Store(engine, alone, agencies(4 * lives))
        finally:
            alone.dispose()
