"""The time of a scenario: the Temporal test server's clock, shifted to the scenario's start."""

from datetime import UTC, datetime, timedelta

from temporalio.testing import WorkflowEnvironment

from workers.clock import Clock


class Story:
    """A scenario's clock: it runs as real time does, and is moved forward by steps."""

    def __init__(self, environment: WorkflowEnvironment, start: datetime) -> None:
        self._environment = environment
        self._start = start
        self._began: datetime | None = None
        self._clock = Clock()

    async def begin(self) -> None:
        """Make this moment the scenario's start."""
        self._began = await self._environment.get_current_time()
        self._set(self._began)

    def now(self) -> datetime:
        """The story's time, in UTC."""
        return self._clock.now()

    async def until(self, at: datetime) -> None:
        """Move the clock forward to this time; what falls due until then happens in its order."""
        left = at - self.now()
        if left > timedelta():
            await self._environment.sleep(left)
            self._set(await self._environment.get_current_time())

    def _set(self, server: datetime) -> None:
        if self._began is None:
            raise LookupError("the story has not begun")
        told = self._start.astimezone(UTC) + (server - self._began)
        self._clock = Clock(told - Clock().now())
