"""The client of the side by the book: each move is an update, deduplicated by its id."""

import dataclasses
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, text
from temporalio.client import Client, WithStartWorkflowOperation, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.converter import DataConverter
from temporalio.worker import Worker

from bench.bare import connected, options
from bench.book.activities import Activities
from bench.book.job import Appeal, Decision, Report
from bench.book.read import read
from bench.book.shown import opened
from bench.book.tables import connect, make
from bench.book.workflow import ReportWorkflow, RestrictionWorkflow
from bench.expected import Found, name
from bench.life import DETAILS, REASONS, SENIORS, WINDOW, agencies, parties, severity
from bench.side import Moves
from workers.attributes import register
from workers.codec import Codec

QUEUE, SCHEMA, THREADS = "book", "book", 20
# Messages are encrypted as in Temporal's sample, which Casework's codec follows. The key protects nothing here.
_CONVERTER = dataclasses.replace(DataConverter.default, payload_codec=Codec(bytes(32)))
_UNTOLD = text(
    "SELECT (SELECT count(DISTINCT violation) + count(DISTINCT violation) FILTER (WHERE lifted_at IS NOT NULL)"
    " FROM penalties WHERE restrictions <> '{}') <> (SELECT count(*) FROM tellings WHERE told_at IS NOT NULL)"
)


class Book:
    """Plays lives on the workflows by the book; `ids` begins their ids."""

    name = "by the book"

    def __init__(self, client: Client, engine: Engine, lives: int, ids: str = "book") -> None:
        self.client = client
        self.engine = engine
        self._ids = ids
        self._agencies = agencies(lives)
        make(engine, SCHEMA, [name(number) for number in range(self._agencies)])

    async def live(self, number: int, moves: Moves, *, appeal: bool) -> list[str]:
        filer, against = (name(agency) for agency in parties(number, self._agencies))
        window = 30 * 24 * 3600 if appeal else WINDOW.total_seconds()
        report = Report(f"{self._ids}-report-{number}", filer, against, DETAILS, window, datetime.now(UTC))
        case = await self._submit(report, moves)
        await self._decided(case, number, moves, severity=severity(number))
        if appeal:
            said = Appeal(f"{self._ids}-appeal-{number}", against, DETAILS, f"appeal {number}")
            async with moves.timed("appeal"):
                await case.execute_update(ReportWorkflow.appeal, said, id=said.key)
            await self._decided(case, number + 1, moves, outcome="overturned")
        return [report.case]

    async def beside(self) -> list[tuple[str, str]]:
        found = self.client.list_workflows("WorkflowType = 'RestrictionWorkflow'")
        return [(each.id, each.run_id) async for each in found]

    def settled(self) -> bool:
        with self.engine.begin() as connection:
            return not connection.execute(_UNTOLD).scalar()

    def found(self) -> Found:
        with self.engine.begin() as connection:
            return read(connection)

    async def wrong(self) -> list[str]:
        return []

    async def _submit(self, report: Report, moves: Moves) -> WorkflowHandle[Any, Any]:
        start: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
            ReportWorkflow.run,
            report,
            id=report.case,
            task_queue=QUEUE,
            search_attributes=opened(report),
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        )
        async with moves.timed("submit"):
            await self.client.execute_update_with_start_workflow(
                ReportWorkflow.submitted, id=f"{report.case} submit", start_workflow_operation=start
            )
        return await start.workflow_handle()

    @staticmethod
    async def _decided(case: WorkflowHandle[Any, Any], number: int, moves: Moves, **said: str) -> None:
        senior = f"senior{number % SENIORS}"
        which = next(iter(said))
        async with moves.timed("claim"):
            await case.execute_update(ReportWorkflow.claim, senior, id=f"claim {which}")
        async with moves.timed("decide"):
            decision = Decision(senior, REASONS, **said)
            await case.execute_update(ReportWorkflow.decide, decision, id=f"decide {which}")


async def by_the_book(address: str, which: str) -> Client:
    """Connect with messages encrypted; the server knows the search attributes of cases afterwards."""
    client = await connected(address, which, _CONVERTER)
    await register(client)
    return client


@asynccontextmanager
async def work(address: str, url: str, which: str) -> AsyncIterator[None]:
    """Run a worker; its activities are in threads, each with a connection of its own."""
    engine = connect(url, SCHEMA, pool=THREADS)
    with ThreadPoolExecutor(THREADS) as threads:
        async with Worker(
            await by_the_book(address, which),
            task_queue=QUEUE,
            workflows=[ReportWorkflow, RestrictionWorkflow],
            activities=Activities(engine).all(),
            activity_executor=threads,
            max_concurrent_activities=THREADS,
            **options(which),
        ):
            yield
    engine.dispose()
