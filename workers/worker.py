"""The worker: cases, couriers and their activities on one task queue, deliveries on another; with a graceful end."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from sqlalchemy import Engine
from temporalio.client import Client
from temporalio.service import ServiceClient
from temporalio.worker import (
    PollerBehaviorAutoscaling,
    UnsandboxedWorkflowRunner,
    Worker,
    WorkerDeploymentConfig,
    WorkflowRunner,
)
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from activities.clock import Clock
from activities.courier.deliver import Deliver
from activities.courier.enforce import Enforce
from activities.courier.platform import Platform, Recorded
from activities.courier.post import Post
from activities.look import Looker
from activities.move.commit import Commit
from activities.names import deliveries
from activities.rollout.advance import Advance
from activities.rulebooks import Rulebooks
from workers.build import build
from workers.measures import Measured
from workflows.case import CaseWorkflow
from workflows.rollout import RolloutWorkflow
from workflows.standing import StandingWorkflow
from workflows.webhook import WebhookWorkflow

log = logging.getLogger("casework.worker")
PAUSE = 5.0
GRACE = timedelta(seconds=5)

# These are pure, and the same in every workflow: they are imported once.
_PASSED_THROUGH = (
    "activities", "rulebook", "states", "pydantic", "pydantic_core", "annotated_types", "transitions", "opentelemetry",
)  # fmt: skip


WORKFLOWS: Sequence[type] = (CaseWorkflow, StandingWorkflow, WebhookWorkflow, RolloutWorkflow)


def runner(*, sandbox: bool) -> WorkflowRunner:
    """What runs workflow code; `sandbox` checks it for determinism, at 1.8 times the CPU."""
    restrictions = SandboxRestrictions.default.with_passthrough_modules(*_PASSED_THROUGH)
    return SandboxedWorkflowRunner(restrictions) if sandbox else UnsandboxedWorkflowRunner()


def compose(
    client: Client,
    engine: Engine,
    key: bytes,
    task_queue: str,
    *,
    clock: Clock,
    sandbox: bool,
    platform: Platform | None = None,
    deliver: Deliver | None = None,
    version: WorkerDeploymentConfig | None = None,
) -> Worker:
    """Give a worker that is ready to run; where a `version` is given, as that one of its deployment.

    What a message in Temporal says of the time is believed by a rehearsal's `clock` alone.
    """
    rulebooks, looker = Rulebooks(), Looker(client, task_queue)
    commit = Commit(engine, key, looker, rulebooks, clock)
    enforce = Enforce(engine, platform or Recorded(), rulebooks, clock)
    deliver = deliver or Deliver(engine, Post(), clock)
    advance = Advance(engine, looker, rulebooks, clock)
    return Worker(
        client,
        task_queue=task_queue,
        build_id=build() if version is None else None,
        deployment_config=version,
        workflows=WORKFLOWS,
        # `deliver` for tasks of older workers, which have no queue of deliveries.
        activities=[commit.commit, enforce.survey, enforce.tell, deliver.deliver, advance.advance],
        interceptors=[Measured()],
        workflow_runner=runner(sandbox=sandbox),
        # At saturation the 99th percentile of an update is 0.3 to 0.4 s, instead of 3 to 5 s.
        workflow_task_poller_behavior=PollerBehaviorAutoscaling(),
        activity_task_poller_behavior=PollerBehaviorAutoscaling(),
        # So long a case waits for a worker that was killed while idle, before another one takes its task.
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=2),
        graceful_shutdown_timeout=GRACE,
    )


def compose_deliveries(
    client: Client, task_queue: str, deliver: Deliver, version: WorkerDeploymentConfig | None = None
) -> Worker:
    """Give the worker that delivers to receivers, beside that of the task queue, and does nothing else."""
    return Worker(
        client,
        task_queue=deliveries(task_queue),
        build_id=build() if version is None else None,
        deployment_config=version,
        activities=[deliver.deliver],
        interceptors=[Measured()],
        # Most of them wait for one of their owner's places.
        max_concurrent_activities=1000,
        activity_task_poller_behavior=PollerBehaviorAutoscaling(),
        graceful_shutdown_timeout=GRACE,
    )


@asynccontextmanager
async def working(client: Client, make: Callable[[Client], Worker]) -> AsyncIterator[None]:
    """Have a worker at work inside; what it began is finished at the end.

    The SDK's worker gives up for good on some answers of Temporal's; another one then takes its place.
    """
    task = asyncio.create_task(_keep_working(make(client), make))
    try:
        yield
    finally:
        while not task.done():  # a worker that is giving up can swallow the first cancellation
            task.cancel()
            await asyncio.wait({task}, timeout=2 * GRACE.total_seconds())


async def _keep_working(worker: Worker, make: Callable[[Client], Worker]) -> None:
    while True:
        try:
            await worker.run()
        except Exception:
            log.exception("the worker gave up, and another takes its place")
        await asyncio.sleep(PAUSE)
        with suppress(RuntimeError):  # Temporal is away: the old worker is run once more, and fails with the reason
            worker = make(await _anew(worker.client))


async def _anew(client: Client) -> Client:
    """The client on a new connection: on the old one a worker that failed to start stays registered."""
    config = client.config()
    config["service_client"] = await ServiceClient.connect(client.service_client.config)
    return Client(**config)
