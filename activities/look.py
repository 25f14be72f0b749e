"""How does one workflow tell another to read its row? One signal, sent after the transaction (signal-with-start)."""

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta

from temporalio.client import Client

from activities.command import Start
from activities.names import CASE, LOOK, STANDING, WEBHOOK, standing_id, webhook_id

# A worker that dies inside a commit is noticed after this time.
TASK_TIMEOUT = timedelta(seconds=5)


class Looker:
    """Sends `look` to cases by id; a case whose workflow is gone gets a new one, which reads the row first."""

    def __init__(self, client: Client, task_queue: str) -> None:
        self._client = client
        self._task_queue = task_queue

    async def look(self, cases: Iterable[str], at: datetime) -> None:
        """Wake the workflows of these cases."""
        for case in cases:
            await self._send(CASE, case, Start(case=case, at=at))

    async def look_at_standings(self, subjects: Iterable[str], at: datetime) -> None:
        """Wake the couriers of these subjects."""
        for subject in subjects:
            await self._send(STANDING, standing_id(subject), Start(case=subject, at=at))

    async def look_at_webhooks(self, webhooks: Iterable[str], at: datetime) -> None:
        """Wake the couriers of these receivers."""
        await asyncio.gather(
            *(self._send(WEBHOOK, webhook_id(webhook), Start(case=webhook, at=at)) for webhook in webhooks)
        )

    async def _send(self, workflow: str, workflow_id: str, start: Start) -> None:
        await self._client.start_workflow(
            workflow,
            start,
            id=workflow_id,
            task_queue=self._task_queue,
            task_timeout=TASK_TIMEOUT,
            start_signal=LOOK,
        )
