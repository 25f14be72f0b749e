"""Is anything stuck or behind? What does not go on, why and since when; incidents, and who works.

For ops and auditors: the console's page, `casework stuck` and the API read this.
"""

import asyncio
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine
from temporalio.client import Client
from temporalio.service import RPCError

from activities.rulebooks import Rulebooks
from desk.reading.life import must_oversee
from ops.builds import Crew, crew
from ops.stuck import Stuck, by_rows, by_workflows
from states.situation import Actor
from store import lag, notice
from store.cursor import Page
from store.in_thread import in_thread
from store.row_security import present

_INCIDENTS = 20
# For so long what one overseer saw at a glance is told to all.
SHARED = timedelta(seconds=10)


@dataclass(frozen=True)
class Watched:
    """How things are at `at`.

    `stuck` is what does not go on, the oldest first; `undelivered` receivers that wait for deliveries, late or not.
    `crew` is none where Temporal can't be asked: what is stuck is then what the rows alone say.
    """

    at: datetime
    incidents: Page
    stuck: list[Stuck]
    undelivered: list[dict[str, Any]]
    crew: Crew | None

    @property
    def names(self) -> list[list[str]]:
        """What is stuck, which builds work, and the newest incident."""
        stuck = [f"{one.thing.whose}/{one.thing.name}/{one.trouble}" for one in self.stuck]
        held = [*self.crew.held] if self.crew else []
        return [sorted(stuck), held, [str(one["id"]) for one in self.incidents.rows[:1]]]

    @property
    def quiet(self) -> bool:
        """Whether nothing is stuck, and somebody works."""
        return self.crew is not None and bool(self.crew.workers) and not self.stuck


class Watch:
    """Reads; nothing is changed. For overseers: others are refused (`forbidden`)."""

    def __init__(
        self,
        engine: Engine,
        now: Callable[[], datetime],
        client: Client,
        task_queue: str,
        rulebooks: Rulebooks | None = None,
    ) -> None:
        self._engine = engine
        self._now = now
        self._client = client
        self._task_queue = task_queue
        self._rulebooks = rulebooks or Rulebooks()
        self._glanced: tuple[datetime, list[list[str]]] | None = None
        self._glancing = asyncio.Lock()

    async def glance(self, actor: Actor) -> list[list[str]]:
        """The names of what is late, as pages ask again and again; overseers see the same, so one looks for all."""
        must_oversee(actor)
        async with self._glancing:
            if self._glanced is None or self._now() - self._glanced[0] >= SHARED:
                self._glanced = self._now(), (await self.look(actor)).names
            return self._glanced[1]

    async def look(self, actor: Actor, cursor: str | None = None, *, exactly: bool = False) -> Watched:
        """How things are.

        `exactly`: each row is also held against its workflow, and each subject's restrictions against what the platform
        was told, which takes longer the more there are.
        """
        must_oversee(actor)
        seen = await in_thread(self._engine, self._read, actor, cursor, exactly)
        try:
            working = await crew(self._client, self._task_queue)
            stuck = await by_workflows(self._engine, self._client, seen.stuck, working.failing, exactly=exactly)
        except RPCError:
            return seen
        return replace(seen, crew=working, stuck=sorted(stuck, key=_age))

    def _read(self, actor: Actor, cursor: str | None, exactly: bool) -> Watched:  # for a thread
        with present(self._engine, actor, self._now()) as (connection, now):
            return Watched(
                at=now,
                incidents=notice.incidents(connection, actor, now, after=cursor, limit=_INCIDENTS),
                stuck=[*by_rows(connection, now, self._rulebooks if exactly else None)],
                undelivered=lag.undelivered(connection),
                crew=None,
            )


def listed(watched: Watched) -> dict[str, Any]:
    """What is stuck, for machines, as API and command line answer it."""
    crew = watched.crew
    rows = [asdict(one.thing) | {n: v for n, v in asdict(one).items() if n != "thing"} for one in watched.stuck]
    return {"at": watched.at, "asked": crew is not None, "workers": len(crew.workers) if crew else 0, "stuck": rows}


def _age(one: Stuck) -> tuple[bool, datetime, str]:
    return one.since is None, one.since or datetime.max.replace(tzinfo=UTC), one.thing.name
