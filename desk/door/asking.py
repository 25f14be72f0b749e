"""Asks a case's workflow to carry a command out; where there is no workflow, it is started."""

import asyncio
from datetime import datetime
from typing import Any

from temporalio.client import Client, WithStartWorkflowOperation
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.service import RPCError, RPCStatusCode

from activities.command import Answer, Command, Start
from activities.limits import TASK_TIMEOUT
from activities.names import CASE, COMMAND


async def asked(client: Client, task_queue: str, command: Command, now: datetime) -> Answer:
    """What the workflow answers. A submission starts its case's; that of a case may be lost, and is started again.

    Raises:
        RPCError, TemporalError, ValueError: there is no answer, or none that can be read.
    """
    if command.event == "submit":
        return await _with_start(client, task_queue, Start(id=command.case, at=now, first=command), command)
    try:
        # An update-with-start costs Temporal a tenth more.
        answer: Answer = await client.get_workflow_handle(command.case).execute_update(
            COMMAND, command, result_type=Answer
        )
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return await _with_start(client, task_queue, Start(id=command.case, at=now), command)
    return answer


async def _with_start(client: Client, task_queue: str, start: Start, command: Command) -> Answer:
    operation: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
        CASE,
        start,
        id=command.case,
        task_queue=task_queue,
        task_timeout=TASK_TIMEOUT,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
    )
    try:
        answer: Answer = await client.execute_update_with_start_workflow(
            COMMAND, command, start_workflow_operation=operation, result_type=Answer
        )
    except BaseException:
        await _let_go(operation)
        raise
    return answer


async def _let_go(operation: WithStartWorkflowOperation[Any, Any]) -> None:
    """Retrieve the error from the SDK's future too: asyncio logs an exception that was never retrieved."""
    handle = asyncio.create_task(operation.workflow_handle())
    await asyncio.wait({handle}, timeout=0.01)
    handle.cancel()
