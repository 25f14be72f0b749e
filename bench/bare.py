"""The baseline: the same moves as a plain Temporal workflow; a normal activity a move, a timer a state, no database."""

import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.converter import DataConverter
from temporalio.service import GrpcCompression
from temporalio.worker import PollerBehaviorAutoscaling, UnsandboxedWorkflowRunner, Worker

with workflow.unsafe.imports_passed_through():
    from bench.expected import Found
    from bench.life import DETAILS, REASONS, WINDOW
    from bench.side import Moves, run_worker

QUEUE = "bare"
_PROMPT = timedelta(seconds=10)
_OURS: dict[str, Any] = {
    "workflow_runner": UnsandboxedWorkflowRunner(),
    "workflow_task_poller_behavior": PollerBehaviorAutoscaling(),
    "activity_task_poller_behavior": PollerBehaviorAutoscaling(),
    "sticky_queue_schedule_to_start_timeout": timedelta(seconds=2),
    "graceful_shutdown_timeout": timedelta(seconds=5),
}


@dataclass(frozen=True)
class Life:
    """A report, or the appeal `of` one. `window` is in seconds."""

    case: str
    text: str
    window: float
    of: str | None = None


@dataclass(frozen=True)
class Move:
    """A move: what goes into its activity, comes out of it, and is answered to its sender."""

    case: str
    event: str
    status: str


@activity.defn
async def record(move: Move) -> Move:
    """Do nothing: the baseline is what Temporal alone costs."""
    return move


@workflow.defn
class BareCase:
    """A report or an appeal; every move is an activity, every state has its timer."""

    @workflow.init
    def __init__(self, life: Life) -> None:
        self._life = life
        self._status = "submitted"

    @workflow.run
    async def run(self, life: Life) -> None:
        await self._move("submit", "queued")
        if life.of is not None:
            await workflow.get_external_workflow_handle(life.of).signal("appeal")
        while self._status != "closed":
            try:
                await workflow.wait_condition(self._left(self._status), timeout=self._timer())
            except TimeoutError:
                await self._move("deadline", "closed")
        await workflow.wait_condition(workflow.all_handlers_finished)

    @workflow.update
    async def claim(self, _by: str) -> Move:
        return await self._asked("claim", "queued", "claimed")

    @workflow.update
    async def decide(self, _by: str, _reasons: str) -> Move:
        if self._life.of is None:
            return await self._asked("decide", "claimed", "open")
        answer = await self._asked("decide", "claimed", "closed")
        await workflow.get_external_workflow_handle(self._life.of).signal("overturn")
        return answer

    @workflow.signal
    async def appeal(self) -> None:
        await self._asked("appeal", "open", "under_appeal")

    @workflow.signal
    async def overturn(self) -> None:
        await self._asked("overturn", "under_appeal", "closed")

    async def _asked(self, event: str, source: str, target: str) -> Move:
        await workflow.wait_condition(lambda: self._status == source)
        return await self._move(event, target)

    async def _move(self, event: str, target: str) -> Move:
        made = Move(self._life.case, event, target)
        await workflow.execute_activity(record, made, start_to_close_timeout=_PROMPT)
        self._status = target
        return made

    def _left(self, status: str) -> Callable[[], bool]:
        return lambda: self._status != status

    def _timer(self) -> timedelta | None:
        timers = {"queued": timedelta(hours=72), "claimed": timedelta(minutes=30)}
        return (timers | {"open": timedelta(seconds=self._life.window)}).get(self._status)


class Bare:
    """The client of the bare workflow. A submission is answered when Temporal has it, before its first activity."""

    name = "bare"

    def __init__(self, client: Client) -> None:
        self.client = client

    async def live(self, number: int, moves: Moves, *, appeal: bool) -> list[str]:
        window = timedelta(days=30) if appeal else WINDOW
        report = Life(f"bare-report-{number}", DETAILS, window.total_seconds())
        await self._decided(report, "submit", moves)
        if not appeal:
            return [report.case]
        against = Life(f"bare-appeal-{number}", DETAILS, 0, of=report.case)
        await self._decided(against, "appeal", moves)
        return [against.case, report.case]

    async def beside(self) -> list[tuple[str, str]]:
        return []

    def settled(self) -> bool:
        return True

    def found(self) -> Found | None:
        return None

    async def wrong(self) -> list[str]:
        return []

    async def _decided(self, life: Life, verb: str, moves: Moves) -> None:
        async with moves.timed(verb):
            handle = await self.client.start_workflow(BareCase.run, life, id=life.case, task_queue=QUEUE)
        async with moves.timed("claim"):
            await handle.execute_update(BareCase.claim, "mia")
        async with moves.timed("decide"):
            await handle.execute_update(BareCase.decide, args=["mia", REASONS])


async def connected(address: str, which: str, converter: DataConverter = DataConverter.default) -> Client:
    """Connect as `workers/reach.py` does within one machine, without compression, or as the SDK does by itself."""
    compression = GrpcCompression.NONE if which == "ours" else GrpcCompression.GZIP
    return await Client.connect(address, grpc_compression=compression, data_converter=converter)


def options(which: str) -> dict[str, Any]:
    """The options of a worker: `ours`, or those of the `sdk` itself."""
    return _OURS if which == "ours" else {}


@asynccontextmanager
async def work(address: str, which: str) -> AsyncIterator[None]:
    """Run a worker with the options of `workers/worker.py`, or with the SDK's own: sandbox, five pollers each."""
    async with Worker(
        await connected(address, which),
        task_queue=QUEUE,
        workflows=[BareCase],
        activities=[record],
        **options(which),
    ):
        yield


if __name__ == "__main__":
    run_worker(work(*sys.argv[1:]))
