"""When does a version of the rulebook go on by itself? When a proposal lapses, its date comes, or a batch is due."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

from activities.command import Start
from activities.names import ADVANCE, ROLLOUT
from activities.rollout.advance import Advanced, Stretch
from workflows.courier import Courier, Next

_PATIENCE = RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(minutes=1))


@workflow.defn(name=ROLLOUT)
class RolloutWorkflow(Courier):
    """The courier of one version: it makes the moves of time, and one batch of its wave after the other."""

    @workflow.init
    def __init__(self, start: Start) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: Start) -> None:  # noqa: ARG002  # `__init__` has it
        """Make what is due, sleep to the next."""
        await self.deliver()

    async def round(self) -> Next:
        """Make the next move that is due; a halt is in the row, which each round reads."""
        found: Advanced = await workflow.execute_local_activity(
            ADVANCE,
            Stretch(version=self._start.id, at=self.clock.now()),
            result_type=Advanced,
            # A batch is one commit of half a second; it waits for locks no longer than the database lets it.
            start_to_close_timeout=timedelta(seconds=20),
            retry_policy=_PATIENCE,
            local_retry_threshold=timedelta(seconds=5),
        )
        self.clock.follow(found.at)
        return Next(found.next_at, at_once=found.at_once)
