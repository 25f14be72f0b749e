"""What did Temporal do for a case? Its timers, attempts and builds; nothing of what was sent or answered."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.api.failure.v1 import Failure
from temporalio.api.history.v1 import HistoryEvent, MarkerRecordedEventAttributes
from temporalio.client import Client, WorkflowExecutionDescription, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

# A task of the workflow itself, beside those of its activities.
TASK = "workflow_task"
_LOCAL_ACTIVITY = "core_local_activity"
# An error is told by its kind and its first line: what follows may have values of a row.
_LONGEST = 160


@dataclass(frozen=True)
class Timer:
    """A timer, when it is due, and how it ended: fired, or cancelled; `ended_at` is none while it is armed.

    `status` is that of the case when it was armed, as its workflow had adopted it; none of a courier's.
    """

    armed_at: datetime
    due_at: datetime
    status: str | None = None
    ended_at: datetime | None = None
    fired: bool = False


@dataclass(frozen=True)
class Attempt:
    """An attempt at an activity, or at a task of the workflow: which one, counted from 1; its error, where it failed.

    Of attempts that follow each other quickly Temporal keeps the last one.
    """

    at: datetime
    name: str
    number: int
    error: str | None = None


@dataclass
class History:
    """What a workflow's last run did, in order; `builds` carried it out, the last one last.

    `running` is none where Temporal does not know the workflow: it forgets one some time after it ended. `trying` is
    what fails just now.
    """

    running: bool | None = None
    timers: list[Timer] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    looks: list[datetime] = field(default_factory=list)
    builds: list[str] = field(default_factory=list)
    trying: list[Attempt] = field(default_factory=list)


async def history(client: Client, workflow_id: str) -> History:
    """What Temporal has of a workflow.

    Raises:
        RPCError: Temporal can't be asked.
    """
    handle = client.get_workflow_handle(workflow_id)
    try:
        found = await handle.describe()
        told = await handle.fetch_history()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return History()
        raise
    return replace(
        of_events(told.events),
        running=found.status is WorkflowExecutionStatus.RUNNING,
        trying=list(_trying(found)),
    )


def of_events(events: Iterable[HistoryEvent]) -> History:
    """What the events of a history say."""
    reading = _Reading()
    for event in events:
        if (take := _TAKES.get(event.event_type)) is not None:
            take(reading, event, _time(event.event_time))
    read = reading.read
    read.timers = sorted([*read.timers, *reading.armed.values()], key=lambda timer: timer.armed_at)
    return read


class _Reading:
    """A history, and what it has begun: timers, and names of activities, by the event that began them."""

    def __init__(self) -> None:
        self.read = History()
        self.armed: dict[int, Timer] = {}
        self.pausing = False
        self.status: str | None = None
        self.scheduled: dict[int, str] = {}

    def arm(self, event: HistoryEvent, at: datetime) -> None:
        """A timer begins; the one after an attempt that failed is the pause until the next, and no deadline."""
        lasts = event.timer_started_event_attributes.start_to_fire_timeout.ToTimedelta()
        if not self.pausing:
            self.armed[event.event_id] = Timer(at, at + lasts, self.status)
        self.pausing = False

    def fire(self, event: HistoryEvent, at: datetime) -> None:
        self._end(event.timer_fired_event_attributes.started_event_id, at, fired=True)

    def cancel(self, event: HistoryEvent, at: datetime) -> None:
        self._end(event.timer_canceled_event_attributes.started_event_id, at, fired=False)

    def _end(self, began: int, at: datetime, *, fired: bool) -> None:
        if (timer := self.armed.pop(began, None)) is not None:
            self.read.timers.append(replace(timer, ended_at=at, fired=fired))

    def schedule(self, event: HistoryEvent, _at: datetime) -> None:
        self.scheduled[event.event_id] = event.activity_task_scheduled_event_attributes.activity_type.name

    def finish(self, event: HistoryEvent, at: datetime) -> None:
        """An activity began its last attempt; it fails only where its retries end, which ours never do."""
        began = event.activity_task_started_event_attributes
        self.read.attempts.append(Attempt(at, self.scheduled[began.scheduled_event_id], began.attempt))

    def mark(self, event: HistoryEvent, at: datetime) -> None:
        marker = event.marker_recorded_event_attributes
        if marker.marker_name == _LOCAL_ACTIVITY:
            told, result = (self._detail(marker, name) for name in ("data", "result"))
            # Of a commit's answer nothing is read but the status that it led to.
            self.status = (result.get("now") or {}).get("status", self.status)
            error = _said(marker.failure) if marker.HasField("failure") else None
            self.read.attempts.append(Attempt(at, told["activity_type"], told["attempt"], error))
            self.pausing = told.get("backoff") is not None

    @staticmethod
    def _detail(marker: MarkerRecordedEventAttributes, name: str) -> dict[str, Any]:
        found = marker.details[name].payloads if name in marker.details else ()
        read = json.loads(found[0].data) if found else {}
        return read if isinstance(read, dict) else {}

    def fail(self, event: HistoryEvent, at: datetime) -> None:
        failed = event.workflow_task_failed_event_attributes
        cause = WorkflowTaskFailedCause.Name(failed.cause).removeprefix("WORKFLOW_TASK_FAILED_CAUSE_").lower()
        why = _said(failed.failure)
        self.read.attempts.append(Attempt(at, TASK, 1, f"{cause}: {why}" if why else cause))

    def complete(self, event: HistoryEvent, _at: datetime) -> None:
        done = event.workflow_task_completed_event_attributes
        if build := done.worker_version.build_id or done.binary_checksum:
            self.read.builds = [*(one for one in self.read.builds if one != build), build]

    def signal(self, _event: HistoryEvent, at: datetime) -> None:
        self.read.looks.append(at)


_TAKES: dict[int, Callable[[_Reading, HistoryEvent, datetime], None]] = {
    EventType.EVENT_TYPE_TIMER_STARTED: _Reading.arm,
    EventType.EVENT_TYPE_TIMER_FIRED: _Reading.fire,
    EventType.EVENT_TYPE_TIMER_CANCELED: _Reading.cancel,
    EventType.EVENT_TYPE_MARKER_RECORDED: _Reading.mark,
    EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED: _Reading.schedule,
    EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED: _Reading.finish,
    EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED: _Reading.fail,
    EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED: _Reading.complete,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED: _Reading.signal,
}


def _trying(found: WorkflowExecutionDescription) -> Iterator[Attempt]:
    described = found.raw_description
    task = described.pending_workflow_task
    if task.attempt > 1:
        yield Attempt(_time(task.scheduled_time), TASK, task.attempt)
    for one in described.pending_activities:
        if one.HasField("last_failure"):
            yield Attempt(_time(one.last_started_time), one.activity_type.name, one.attempt, _said(one.last_failure))


def _said(failure: Failure) -> str:
    """The kind of the innermost error, and the first line of what it says."""
    while failure.HasField("cause"):
        failure = failure.cause
    parts = failure.application_failure_info.type, failure.message.partition("\n")[0]
    return ": ".join(part for part in parts if part)[:_LONGEST]


def _time(stamp: Timestamp) -> datetime:
    return stamp.ToDatetime(tzinfo=UTC)
