"""The time of a scenario: the Temporal test server's clock, shifted to the scenario's start."""

from datetime import UTC, datetime, timedelta

from temporalio.testing import WorkflowEnvironment

from workers.clock import Clock


class Story:
    """A scenario's clock: it runs as real time does, and is moved forward by steps."""

    def __init__(self, environment: WorkflowEnvironment, start: datetime) -> None:
        self._environment = environment
        self.start = start
        self._began: datetime | None = None
        self._clock = Clock()

    async def begin(self) -> None:
        """Make this moment the scenario's start."""
        await self._read()

    def now(self) -> datetime:
        """The story's time, in UTC."""
        return self._clock.now()

    async def until(self, at: datetime) -> None:
        """Move the clock forward to this time; what falls due until then happens in its order."""
        left = at - self.now()
        if left > timedelta():
            await self._environment.sleep(left)
            await self._read()

    async def _read(self) -> None:
        """Read the server's clock; what it says when it is asked, so that the story is never behind what was done."""
        asked = Clock().now()
        server = await self._environment.get_current_time()
        self._began = self._began or server
        self._clock = Clock(self.start.astimezone(UTC) + (server - self._began) - asked)
