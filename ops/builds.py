"""Who runs it? The workers that ask Temporal for tasks, what each build has in hand, and what fails."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client

# Temporal marks a workflow so after five attempts of one of its tasks: code that can't replay it, above all.
_FAILING = "TemporalReportedProblems IS NOT NULL"
_MOST = 50


@dataclass(frozen=True)
class Worker:
    """A process that asks for tasks: its name, its build, and when it asked last."""

    name: str
    build: str
    seen_at: datetime


@dataclass(frozen=True)
class Crew:
    """The workers of a task queue, and what runs on it. A namespace may hold other queues, which aren't counted.

    `held`: by build, how many workflows that run it has had in hand; `others` are those that none of these builds had.
    `waiting` tasks have found no worker, the oldest for `waits`. `failing` are workflows, by id, at most 50.
    """

    workers: list[Worker]
    held: dict[str, int]
    others: int
    waiting: int
    waits: timedelta
    failing: list[str]


async def crew(client: Client, task_queue: str) -> Crew:
    """Who works on a task queue now, and on what.

    Raises:
        RPCError: Temporal can't be asked.
    """
    asked = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=TaskQueue(name=task_queue),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        report_stats=True,
    )
    found = await client.workflow_service.describe_task_queue(asked)
    running = f"ExecutionStatus = 'Running' AND TaskQueue = '{task_queue}'"
    workers = [
        Worker(one.identity, one.worker_version_capabilities.build_id, one.last_access_time.ToDatetime(tzinfo=UTC))
        for one in found.pollers
    ]
    builds = sorted({one.build for one in workers})
    held = {build: await _count(client, f"{running} AND {_had([build])}") for build in builds}
    some = await _count(client, f"{running} AND {_had(builds)}") if builds else 0
    stats = found.stats
    return Crew(
        workers=sorted(workers, key=lambda one: one.name),
        held=held,
        others=await _count(client, running) - some,
        waiting=stats.approximate_backlog_count,
        waits=stats.approximate_backlog_age.ToTimedelta(),
        failing=[one.id async for one in client.list_workflows(f"{running} AND {_FAILING}", limit=_MOST)],
    )


async def _count(client: Client, query: str) -> int:
    return (await client.count_workflows(query)).count


def _had(builds: Iterable[str]) -> str:
    """The filter of what one of the builds had in hand."""
    named = ", ".join(f"'unversioned:{build}'" for build in builds)
    return f"BuildIds IN ({named})"
