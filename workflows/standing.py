"""When is the platform told of restrictions? When a subject's penalties change, or one begins or ends by itself."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

from activities.command import Start
from activities.courier.enforce import Round, Survey
from activities.names import STANDING, SURVEY, TELL
from workflows.courier import Courier, Next

_PATIENCE = RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(minutes=5))


@workflow.defn(name=STANDING)
class StandingWorkflow(Courier):
    """The courier of one subject's penalties."""

    @workflow.init
    def __init__(self, start: Start) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: Start) -> None:  # noqa: ARG002  # `__init__` has it
        """Read, tell, sleep to the next change."""
        await self.deliver()

    async def round(self) -> Next:
        """Compare the restrictions in force with those told; where they differ, tell all of them, and compare again."""
        found: Survey = await workflow.execute_local_activity(
            SURVEY,
            Round(subject=self._start.id, at=self.clock.now()),
            result_type=Survey,
            start_to_close_timeout=timedelta(seconds=10),
            retry_policy=_PATIENCE,
            local_retry_threshold=timedelta(seconds=5),
        )
        self.clock.follow(found.at)
        if found.to_tell:
            # Not local: a call to the outside may take longer than a workflow task.
            await workflow.execute_activity(
                TELL,
                Round(subject=self._start.id, at=self.clock.now()),
                start_to_close_timeout=timedelta(seconds=30),
                retry_policy=_PATIENCE,
            )
        return Next(found.next_at, at_once=found.to_tell)
