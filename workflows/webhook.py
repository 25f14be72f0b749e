"""When does a receiver of webhooks get its deliveries? At once, and after a failed attempt when its pause is over."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

from activities.command import Start
from activities.courier.deliver import Delivering, Left
from activities.names import DELIVER, WEBHOOK, deliveries
from workflows.courier import Courier, Next

_PATIENCE = RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(minutes=1))


@workflow.defn(name=WEBHOOK)
class WebhookWorkflow(Courier):
    """The courier of one receiver."""

    @workflow.init
    def __init__(self, start: Start) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: Start) -> None:  # noqa: ARG002  # `__init__` has it
        """Send what is due, sleep to the next attempt."""
        await self.deliver()

    async def round(self) -> Next:
        """Send what is due, one after the other; the first that fails holds back those behind it."""
        left: Left = await workflow.execute_activity(
            DELIVER,
            Delivering(webhook=self._start.id, at=self.clock.now()),
            result_type=Left,
            # Slow receivers must take no place of what tells the platform.
            task_queue=deliveries(workflow.info().task_queue),
            start_to_close_timeout=timedelta(seconds=45),
            retry_policy=_PATIENCE,
        )
        self.clock.follow(left.at)
        return Next(left.next_at)

    def wakes(self) -> bool:
        """Whether a pause after a failure ends early: only where the history has grown long.

        A `look` does not end it: new deliveries wait behind the one that failed.
        """
        return workflow.info().is_continue_as_new_suggested()
