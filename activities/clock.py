"""At what time does an activity act? By its worker's own clock: a message in Temporal is no proof of the time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from temporalio import activity

Now = Callable[[], datetime]


class Clock(Protocol):
    """The clock that a worker is composed with; no message can ask for another.

    `leads`: the workflows' clocks follow it, by what its activities answer.
    """

    @property
    def leads(self) -> bool: ...

    def watch(self, said: datetime) -> Now:
        """Give what tells the time in an activity whose message says this time."""


@dataclass(frozen=True)
class Own:
    """A worker's own time of day. What a message says moves it neither forward nor back."""

    now: Now
    leads: bool = True

    def watch(self, said: datetime) -> Now:  # noqa: ARG002  # it is not believed
        """Tell the worker's own time."""
        return self.now


@dataclass(frozen=True)
class Story:
    """A rehearsal's clock: what a message says, and what has passed since it was sent (by `now`; without, nothing)."""

    now: Now | None = None
    leads: bool = False

    def watch(self, said: datetime) -> Now:
        """Tell the story's time."""
        now = self.now
        if now is None:
            return lambda: said
        since = activity.info().scheduled_time if activity.in_activity() else now()
        return lambda: said + max(now() - since, timedelta())
