"""When is a receiver told? As soon as something is on its way to it, and again after each pause."""

from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

from activities.command import Start
from activities.courier.deliver import Delivering, Left
from activities.names import DELIVER, LOOK, WEBHOOK
from workflows.clock import elapsed_since

_PATIENCE = RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(minutes=1))


@workflow.defn(name=WEBHOOK)
class WebhookWorkflow:
    """The courier of one receiver: the start's `case`. It ends when nothing is left; `look` starts it again."""

    @workflow.init
    def __init__(self, start: Start) -> None:
        self._start = start
        self._stirred = False

    @workflow.run
    async def run(self, start: Start) -> None:
        """Send what is due, sleep to the next attempt: what comes meanwhile waits behind it."""
        while True:
            left = await self._deliver()
            if _long():
                workflow.continue_as_new(Start(case=start.case, at=self._clock()))
            elif left.next_at is not None:
                await self._sleep(left.next_at)
            elif not self._stirred:
                return

    @workflow.signal(name=LOOK)
    def look(self) -> None:
        """Something is on its way."""
        self._stirred = True

    async def _deliver(self) -> Left:
        self._stirred = False
        left: Left = await workflow.execute_activity(
            DELIVER,
            Delivering(webhook=self._start.case, at=self._clock()),
            result_type=Left,
            start_to_close_timeout=timedelta(seconds=45),
            retry_policy=_PATIENCE,
        )
        return left

    async def _sleep(self, until: datetime) -> None:
        """Sleep; a history that many a `look` has made long ends it early."""
        left = max(until - self._clock(), timedelta())
        try:
            await workflow.wait_condition(_long, timeout=left)
        except TimeoutError:
            return

    def _clock(self) -> datetime:
        return elapsed_since(self._start.at)


def _long() -> bool:
    return workflow.info().is_continue_as_new_suggested()
