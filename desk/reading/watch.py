"""Is anything stuck or behind? Incidents, cases and couriers that are late, and who works; for ops and auditors."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine
from temporalio.client import Client
from temporalio.service import RPCError

from ops.builds import Crew, crew
from states.situation import Actor
from store import lag, notice, wake
from store.cursor import Page
from store.in_thread import in_thread
from store.row_security import present

_INCIDENTS = 20


@dataclass(frozen=True)
class Watched:
    """How things are at `at`.

    `behind` are cases whose row is ahead of their workflow; `stirred` subjects whose penalties no courier has read yet;
    `untold` what the platform was not told yet; `undelivered` receivers that wait for deliveries; `late` those of them
    to which nothing was sent though it was due. `crew` is none where Temporal can't be asked.
    """

    at: datetime
    incidents: Page
    behind: list[dict[str, Any]]
    stirred: list[str]
    untold: list[dict[str, Any]]
    undelivered: list[dict[str, Any]]
    late: frozenset[str]
    crew: Crew | None

    @property
    def names(self) -> list[list[str]]:
        """Who is late, of each kind; which builds work; and the newest incident."""
        late = [one["id"] for one in (*self.behind, *self.undelivered)]
        untold = [one["subject"] for one in self.untold]
        crew = [*self.crew.failing, *self.crew.held] if self.crew else []
        return [late, sorted(self.late), untold, crew, [str(one["id"]) for one in self.incidents.rows[:1]]]

    @property
    def quiet(self) -> bool:
        """Whether nothing is stuck or behind."""
        return self.crew is not None and not (
            self.behind or self.stirred or self.untold or self.late or self.crew.failing or not self.crew.workers
        )


class Watch:
    """Reads; nothing is changed. A page raises `RefusedError`: `invalid`, field `cursor`."""

    def __init__(self, engine: Engine, now: Callable[[], datetime], client: Client, task_queue: str) -> None:
        self._engine = engine
        self._now = now
        self._client = client
        self._task_queue = task_queue

    async def look(self, actor: Actor, cursor: str | None = None) -> Watched:
        """How things are."""
        try:
            working = await crew(self._client, self._task_queue)
        except RPCError:
            working = None
        return await in_thread(self._engine, self._read, actor, cursor, working)

    def _read(self, actor: Actor, cursor: str | None, working: Crew | None) -> Watched:
        with present(self._engine, actor, self._now()) as (connection, now):
            return Watched(
                at=now,
                incidents=notice.incidents(connection, actor, now, after=cursor, limit=_INCIDENTS),
                behind=lag.of_cases(connection, wake.behind(connection, now), now),
                stirred=wake.couriers_stirred(connection),
                untold=lag.untold(connection),
                undelivered=lag.undelivered(connection),
                late=frozenset(wake.receivers_late(connection, now)),
                crew=working,
            )
