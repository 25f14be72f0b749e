"""When does what leaves go out? A courier delivers what is due to one receiver, sleeps to the next change, and ends.

Each kind of receiver has a workflow with its own `round`: `workflows/standing.py`, `workflows/webhook.py`.
"""

from abc import ABC, abstractmethod
from datetime import datetime, timedelta
from typing import NamedTuple

from temporalio import workflow

from activities.command import Start
from activities.names import LOOK
from workflows.clock import Clock


class Next(NamedTuple):
    """A round's result: when something is due again, none if nothing is; and whether to make another at once."""

    at: datetime | None
    at_once: bool = False


class Courier(ABC):
    """What every courier does. It ends when nothing is left to wait for; `look` starts it again."""

    def __init__(self, start: Start) -> None:
        self._start = start
        self.clock = Clock(start.at)
        self._must_look = False

    @abstractmethod
    async def round(self) -> Next:
        """Deliver what is due."""

    @workflow.signal(name=LOOK)
    def look(self) -> None:
        """Read the rows again: something is to be delivered, or may be."""
        self._must_look = True

    async def deliver(self) -> None:
        """Make rounds until nothing is left."""
        while True:
            # Cleared before the round reads: a `look` that comes during the round must cause another one.
            self._must_look = False
            left = await self.round()
            if left.at_once:
                continue
            if workflow.info().is_continue_as_new_suggested():
                # A `look` that came meanwhile is not lost: the next run begins with a round.
                workflow.continue_as_new(Start(id=self._start.id, at=self.clock.now()))
            if left.at is not None:
                await self._sleep(left.at)
            elif not self._must_look:
                return

    def wakes(self) -> bool:
        """Whether a sleep ends before its time."""
        return self._must_look

    async def _sleep(self, until: datetime) -> None:
        left = max(until - self.clock.now(), timedelta())
        try:
            await workflow.wait_condition(self.wakes, timeout=left)
        except TimeoutError:
            return
