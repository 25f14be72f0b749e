"""What does a worker run? Cases, couriers and their activities, on one task queue, with a graceful end."""

from datetime import timedelta

from sqlalchemy import Engine
from temporalio.client import Client
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
