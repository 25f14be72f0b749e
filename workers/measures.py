"""What is counted of a process's own work? Activities by outcome and duration, and how late its event loop is."""

import asyncio
from time import perf_counter
from typing import Any

from prometheus_client import Histogram
from temporalio import activity
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
ACTIVITIES = Histogram(
    "casework_activity_seconds",
    "Attempts of activities, by `outcome`: done, or the class of the error with which it failed, to be tried again.",
    ["activity", "outcome"],
    buckets=_SECONDS,
)
LATE = Histogram(
    "casework_event_loop_late_seconds",
    "How much later than planned the event loop goes on, tried twice a second.",
    buckets=_SECONDS,
)
_PAUSE = 0.5


class Measured(Interceptor):
    """Has a worker's activities measured."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002
        """Put the measuring around what follows."""
        return _Measured(next)


class _Measured(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002
        outcome, began = "done", perf_counter()
        try:
            return await self.next.execute_activity(input)
        except BaseException as error:
            outcome = type(error).__name__
            raise
        finally:
            ACTIVITIES.labels(activity.info().activity_type, outcome).observe(perf_counter() - began)


async def watch_loop() -> None:
    """Measure the event loop until cancelled."""
    while True:
        began = perf_counter()
        await asyncio.sleep(_PAUSE)
        LATE.observe(max(perf_counter() - began - _PAUSE, 0))
