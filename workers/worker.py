"""What does a worker run? Cases, couriers and their activities, on one task queue, with a graceful end."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

from sqlalchemy import Engine
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.worker import PollerBehaviorAutoscaling, UnsandboxedWorkflowRunner, Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from activities.books import Books
from activities.commit import Commit
from activities.deliver import Deliver
from activities.enforce import Enforce
from activities.look import Looker
from activities.platform import Platform, Recorded
from activities.post import Post
from workers.clock import Clock
from workflows.case import CaseWorkflow
from workflows.standing import StandingWorkflow
from workflows.webhook import WebhookWorkflow

log = logging.getLogger("casework.worker")
PAUSE = 5.0

# These are pure, and the same in every workflow: they are imported once.
_PASSED_THROUGH = ("activities", "rulebook", "states", "pydantic", "pydantic_core", "annotated_types", "transitions")


def compose(
    client: Client,
    engine: Engine,
    key: bytes,
    task_queue: str,
    *,
    sandbox: bool,
    platform: Platform | None = None,
    deliver: Deliver | None = None,
) -> Worker:
    """Give a worker that is ready to run. `sandbox` checks workflow code for determinism, at 1.8 times the CPU."""
    books = Books()
    commit = Commit(engine, key, Looker(client, task_queue), books, Clock().now)
    enforce = Enforce(engine, platform or Recorded(), books)
    deliver = deliver or Deliver(engine, Post(), Clock().now)
    restrictions = SandboxRestrictions.default.with_passthrough_modules(*_PASSED_THROUGH)
    return Worker(
        client,
        task_queue=task_queue,
        workflows=[CaseWorkflow, StandingWorkflow, WebhookWorkflow],
        activities=[commit.commit, enforce.survey, enforce.tell, deliver.deliver],
        workflow_runner=SandboxedWorkflowRunner(restrictions) if sandbox else UnsandboxedWorkflowRunner(),
        workflow_task_poller_behavior=PollerBehaviorAutoscaling(),
        activity_task_poller_behavior=PollerBehaviorAutoscaling(),
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=2),
        graceful_shutdown_timeout=timedelta(seconds=5),
    )


@asynccontextmanager
async def working(client: Client, make: Callable[[], Worker]) -> AsyncIterator[None]:
    """Have a worker at work inside; what it began is finished at the end.

    The SDK's worker gives up for good on some answers of Temporal's; another one then takes its place.
    """
    task = asyncio.create_task(_keep_working(client, make))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


async def _keep_working(client: Client, make: Callable[[], Worker]) -> None:
    while True:
        try:
            # Asked before, for a worker that could not even begin keeps its place from all later ones.
            await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=client.namespace))
            await make().run()
        except RPCError as error:
            log.warning("the worker waits for Temporal: %s", error)
        except Exception:
            log.exception("the worker gave up, and another takes its place")
        await asyncio.sleep(PAUSE)
