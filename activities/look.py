"""How does one workflow tell another to read its row? One signal, sent after the transaction (signal-with-start)."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from temporalio.client import Client

from activities.command import Start
from activities.names import CASE, LOOK

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
            await self._client.start_workflow(
                CASE,
                Start(case=case, at=at),
                id=case,
                task_queue=self._task_queue,
                task_timeout=TASK_TIMEOUT,
                start_signal=LOOK,
            )
