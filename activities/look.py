"""How does one workflow tell another to read its row? One signal, sent after the transaction (signal-with-start)."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy

from activities.command import Start
from activities.limits import TASK_TIMEOUT
from activities.names import CASE, LOOK, ROLLOUT, STANDING, WEBHOOK, rollout_id, standing_id, webhook_id

_SIGNAL = WorkflowIDConflictPolicy.UNSPECIFIED


@dataclass(frozen=True)
class Woken:
    """Who must look, by id: cases, and the couriers of subjects, of receivers of webhooks and of rulebook versions."""

    cases: Collection[str] = ()
    subjects: Collection[str] = ()
    receivers: Collection[str] = ()
    versions: Collection[str] = ()

    def __len__(self) -> int:
        return len(self.cases) + len(self.subjects) + len(self.receivers) + len(self.versions)


class Looker:
    """Sends `look`; a case or courier whose workflow is gone gets a new one, which reads the row first."""

    def __init__(self, client: Client, task_queue: str) -> None:
        self._client = client
        self._task_queue = task_queue

    async def wake(self, woken: Woken, at: datetime) -> None:
        """Wake them, cases first."""
        for workflow, workflow_id, start in _starts(woken, at):
            await self._send(workflow, workflow_id, start)

    async def begin_anew(self, woken: Woken, at: datetime) -> None:
        """The same, where a workflow that runs is ended, and another one reads the row first."""
        for workflow, workflow_id, start in _starts(woken, at):
            await self._send(workflow, workflow_id, start, WorkflowIDConflictPolicy.TERMINATE_EXISTING)

    async def _send(
        self, workflow: str, workflow_id: str, start: Start, where_it_runs: WorkflowIDConflictPolicy = _SIGNAL
    ) -> None:
        await self._client.start_workflow(
            workflow,
            start,
            id=workflow_id,
            task_queue=self._task_queue,
            task_timeout=TASK_TIMEOUT,
            id_conflict_policy=where_it_runs,
            # Signal-with-start: a workflow that has ended, or was lost with Temporal's store, is started again.
            start_signal=LOOK,
        )


def _starts(woken: Woken, at: datetime) -> Iterator[tuple[str, str, Start]]:
    for case in woken.cases:
        yield CASE, case, Start(id=case, at=at)
    for subject in woken.subjects:
        yield STANDING, standing_id(subject), Start(id=subject, at=at)
    for receiver in woken.receivers:
        yield WEBHOOK, webhook_id(receiver), Start(id=receiver, at=at)
    for version in woken.versions:
        yield ROLLOUT, rollout_id(version), Start(id=version, at=at)
