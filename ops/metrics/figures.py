"""What does the engine say of itself when it is scraped? Of its rows, its pool, its workers and its workflows."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as NotInTimeError
from datetime import datetime
from typing import Any

from prometheus_client.core import GaugeMetricFamily as Gauge
from prometheus_client.core import Metric
from prometheus_client.registry import Collector
from sqlalchemy import Engine, QueuePool
from sqlalchemy.exc import SQLAlchemyError
from temporalio.service import RPCError

from ops.builds import Crew
from store import figures, wake

log = logging.getLogger("casework.metrics")
_WITHIN = 5.0


class Figures(Collector):
    """Reads the figures of an engine at each scrape, in the scraper's thread; what can't be asked is left out.

    `crew` asks Temporal, on `loop`, which works meanwhile.
    """

    def __init__(
        self,
        engine: Engine,
        now: Callable[[], datetime],
        crew: Callable[[], Any],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._engine = engine
        self._now = now
        self._crew = crew
        self._loop = loop

    def describe(self) -> list[Metric]:
        """Nothing: whoever registers it must not read a database for that."""
        return []

    def collect(self) -> Iterator[Metric]:
        """All families, with what they are now."""
        yield from self._pool()
        try:
            rows = list(self._rows())
        except (SQLAlchemyError, OSError) as error:
            log.warning("the figures can't be read", exc_info=error)
            rows = []
        yield _one("casework_database_up", "Whether the database answers.", float(bool(rows)))
        yield from rows
        crew = self._asked()
        yield _one("casework_temporal_up", "Whether Temporal answers.", float(crew is not None))
        if crew is not None:
            yield from _of_crew(crew)

    def _rows(self) -> Iterator[Metric]:
        now = self._now()
        with self._engine.begin() as connection:
            yield from _of_cases(figures.open_cases(connection, now), now)
            yield from _waiting("casework_untold", "tellings that the platform has not received",
                                figures.untold(connection), now)  # fmt: skip
            yield from _waiting("casework_undelivered", "deliveries to webhooks that wait",
                                figures.undelivered(connection), now)  # fmt: skip
            unread = figures.unread(connection)
            yield _one("casework_unread_standings", "Subjects whose changed penalties no courier has read yet.", unread)
            behind = {
                "case": len(wake.behind(connection, now)),
                "standing": len(wake.couriers_late(connection, now)),
                "webhook": len(wake.receivers_late(connection, now)),
                "version": len(wake.versions_late(connection, now)),
            }
            family = Gauge(
                "casework_behind", "Rows that are ahead of their workflow, at most 500.", labels=["workflow"]
            )
            for workflow, count in behind.items():
                family.add_metric([workflow], count)
            yield family
            yield from of_waves(figures.waves(connection), now)

    def _pool(self) -> Iterator[Metric]:
        pool = self._engine.pool
        if isinstance(pool, QueuePool):
            family = Gauge("casework_pool_connections", "Connections to the database.", labels=["state"])
            family.add_metric(["used"], pool.checkedout())
            family.add_metric(["size"], pool.size())
            yield family

    def _asked(self) -> Crew | None:
        asked = asyncio.run_coroutine_threadsafe(self._crew(), self._loop)
        try:
            found: Crew = asked.result(_WITHIN)
        except (RPCError, NotInTimeError, CancelledError, RuntimeError):
            asked.cancel()
            return None
        return found


def _of_cases(rows: figures.Rows, now: datetime) -> Iterator[Metric]:
    names = ["kind", "region", "stage"]
    count = Gauge("casework_open_cases", "Open cases.", labels=names)
    late = Gauge("casework_late_cases", "Open cases whose deadline is past and did not act yet.", labels=names)
    oldest = Gauge("casework_oldest_open_case_seconds", "Since when the oldest open case was filed.", labels=names)
    for row in rows:
        labels = [row[name] for name in names]
        count.add_metric(labels, row["count"])
        late.add_metric(labels, row["late"])
        oldest.add_metric(labels, (now - row["since"]).total_seconds())
    return iter((count, late, oldest))


def _waiting(name: str, what: str, rows: figures.Rows, now: datetime) -> Iterator[Metric]:
    (row,) = rows
    since = (now - row["since"]).total_seconds() if row["since"] else 0
    yield _one(name, f"How many {what}.", row["count"])
    yield _one(f"{name}_seconds", f"Since when the oldest waits of the {what}; 0 if none does.", since)


def of_waves(rows: figures.Rows, now: datetime) -> Iterator[Metric]:
    """How far the wave of a version has come in each region, and since when it stands."""
    names = ["version", "region", "status"]
    subjects = Gauge(
        "casework_wave_subjects", "Whom the wave of a version has seen, and hit.", labels=[*names, "figure"]
    )
    stands = Gauge("casework_wave_seconds", "Since the last batch or move of a version in a wave.", labels=["version"])
    for row in rows:
        labels = [f"{row['key']} {row['version']}", row["region"], row["status"]]
        for figure in ("seen", "hit"):
            subjects.add_metric([*labels, figure], row[figure])
    # Once a version, in however many regions its wave is: a scrape that says a thing twice is refused.
    for version, since in {f"{row['key']} {row['version']}": row["since"] for row in rows}.items():
        stands.add_metric([version], (now - since).total_seconds())
    return iter((subjects, stands))


def _of_crew(crew: Crew) -> Iterator[Metric]:
    held = Gauge("casework_workflows", "Open workflows, by the build that had them in hand.", labels=["build"])
    for build, count in crew.held.items():
        held.add_metric([build], count)
    yield held
    yield _one("casework_workers", "Workers that ask for tasks.", len(crew.workers))
    yield _one(
        "casework_workflows_failing", "Workflows whose tasks fail again and again, at most 50.", len(crew.failing)
    )
    yield _one("casework_tasks_waiting", "Tasks that found no worker yet.", crew.waiting)
    yield _one("casework_tasks_waiting_seconds", "Since when the oldest of them waits.", crew.waits.total_seconds())


def _one(name: str, documentation: str, value: float) -> Metric:
    return Gauge(name, documentation, value=value)
