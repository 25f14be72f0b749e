"""What time is it in a workflow? What its start message said, plus what has passed; set by the worker's own clock."""

from datetime import datetime

from temporalio import workflow


class Clock:
    """A workflow's time. In production it follows its worker's clock, whatever the start message said.

    In a rehearsal no answer sets it: it is the scenario's time, which the start message carries.
    """

    def __init__(self, start: datetime) -> None:
        self._at = start
        self._since = workflow.info().start_time

    def now(self) -> datetime:
        """The time that was set last, plus the time that has passed since."""
        return self._at + (workflow.now() - self._since)

    def follow(self, at: datetime | None) -> None:
        """Set it to the time at which an activity acted; a deadline that is not yet due there is waited for again."""
        if at is not None:
            self._at, self._since = at, workflow.now()
