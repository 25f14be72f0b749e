"""A build that has other commands than ours: what it began is nothing that our code can go on with."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio import workflow
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.command import Start
from activities.names import CASE, LOOK
from ops.history import history


@workflow.defn(name=CASE, sandboxed=False)
class OtherBuild:
    """A case as another build has it."""

    @workflow.run
    async def run(self, _start: Start) -> None:
        await workflow.sleep(timedelta(days=30))

    @workflow.signal(name=LOOK)
    def look(self) -> None: ...


async def begun_by_another_build(client: Client, case: str, queue: str) -> None:
    """Have another build begin a case's workflow on a task queue, and stop."""
    # Without a cache its tasks are nobody's own.
    odd: Any = {"workflow_runner": UnsandboxedWorkflowRunner(), "max_cached_workflows": 0, "build_id": "another"}
    async with Worker(client, task_queue=queue, workflows=[OtherBuild], **odd):
        await client.start_workflow(CASE, Start(id=case, at=datetime.now(UTC)), id=case, task_queue=queue)
        async with asyncio.timeout(20):
            while not (await history(client, case)).timers:
                await asyncio.sleep(0.05)
