"""When is the platform told? As soon as a subject's penalties change, and when one begins or ends by itself."""

from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

from activities.command import Start
from activities.courier.enforce import Round, Survey
from activities.names import LOOK, STANDING, SURVEY, TELL
from workflows.clock import elapsed_since

_PATIENCE = RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(minutes=5))


@workflow.defn(name=STANDING)
class StandingWorkflow:
    """The courier of one subject's penalties. It ends when nothing is left to wait for; `look` starts it again."""

    @workflow.init
    def __init__(self, start: Start) -> None:
        self._start = start
        self._stirred = False

    @workflow.run
    async def run(self, start: Start) -> None:
        """Read, tell, sleep to the next change."""
        while True:
            found = await self._survey()
            if found.to_tell:
                await self._tell()
            elif workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(Start(case=start.case, at=self._clock()))
            elif found.next_at is not None:
                await self._sleep(found.next_at)
            elif not self._stirred:
                return

    @workflow.signal(name=LOOK)
    def look(self) -> None:
        """The subject's penalties changed."""
        self._stirred = True

    async def _survey(self) -> Survey:
        self._stirred = False
        found: Survey = await workflow.execute_local_activity(
            SURVEY,
            Round(subject=self._start.case, at=self._clock()),
            result_type=Survey,
            start_to_close_timeout=timedelta(seconds=10),
            retry_policy=_PATIENCE,
            local_retry_threshold=timedelta(seconds=5),
        )
        return found

    async def _tell(self) -> None:
        await workflow.execute_activity(
            TELL,
            Round(subject=self._start.case, at=self._clock()),
            start_to_close_timeout=timedelta(seconds=30),
            retry_policy=_PATIENCE,
        )

    async def _sleep(self, until: datetime) -> None:
        left = max(until - self._clock(), timedelta())
        try:
            await workflow.wait_condition(lambda: self._stirred, timeout=left)
        except TimeoutError:
            return

    def _clock(self) -> datetime:
        return elapsed_since(self._start.at)
