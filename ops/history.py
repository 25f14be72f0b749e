"""What did Temporal do for a case? Its timers, attempts and builds; nothing of what was sent or answered."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
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
# Of the runs of a workflow that was continued again and again, the last ones.
_MOST_RUNS = 20
# What of a marker is read: JSON as it is, not what a codec made of it.
_PLAIN = b"json/plain"


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
    """What a workflow's runs did, in order; `builds` carried them out, the last one last.

    A run that was continued as new goes on in the next one.

    `running` is none where Temporal does not know the workflow: it forgets one some time after it ended. `trying` is
    what fails just now.
    """

    running: bool | None = None
    timers: list[Timer] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    looks: list[datetime] = field(default_factory=list)
    builds: list[str] = field(default_factory=list)
    trying: list[Attempt] = field(default_factory=list)


@dataclass(frozen=True)
class Pending:
    """How a workflow does just now: what is tried in vain, and `since` when its task is, where that fails.

    `running` is none where Temporal does not know it.
    """

    running: bool | None = None
    began_at: datetime | None = None
    ended_at: datetime | None = None
    since: datetime | None = None
    trying: Sequence[Attempt] = ()


async def pending(client: Client, workflow_id: str) -> Pending:
    """How the workflow's last run does.

    Raises:
        RPCError: Temporal can't be asked.
    """
    try:
        found = await client.get_workflow_handle(workflow_id).describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return Pending()
        raise
    task = found.raw_description.pending_workflow_task
    since = _time(task.original_scheduled_time) if task.attempt > 1 else None
    running = found.status is WorkflowExecutionStatus.RUNNING
    return Pending(running, found.start_time, found.close_time, since, [*_trying(found)])


async def history(client: Client, workflow_id: str) -> History:
    """What Temporal has of a workflow.

    Raises:
        RPCError: Temporal can't be asked.
    """
    try:
        found = await client.get_workflow_handle(workflow_id).describe()
        runs = [await _run(client, workflow_id, found.run_id)]
        while (before := _before(runs[-1])) and len(runs) < _MOST_RUNS:
            runs.append(await _run(client, workflow_id, before))
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return History()
        raise
    return replace(
        of_events(event for run in reversed(runs) for event in run),
        running=found.status is WorkflowExecutionStatus.RUNNING,
        trying=list(_trying(found)),
    )


async def _run(client: Client, workflow_id: str, run_id: str) -> Sequence[HistoryEvent]:
    """The events of a run, its markers as they were before a codec; none where Temporal has forgotten it."""
    try:
        told = await client.get_workflow_handle(workflow_id, run_id=run_id).fetch_history()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return []
        raise
    if (codec := client.data_converter.payload_codec) is not None:
        for event in told.events:
            for detail in event.marker_recorded_event_attributes.details.values():
                plain = await codec.decode(detail.payloads)
                del detail.payloads[:]
                detail.payloads.extend(plain)
    return told.events


def _before(run: Sequence[HistoryEvent]) -> str:
    """The run that this one continues; none of a first one."""
    return run[0].workflow_execution_started_event_attributes.continued_execution_run_id if run else ""


def of_events(events: Iterable[HistoryEvent]) -> History:
    """What the events of a workflow's runs say, one run after the other."""
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

    def go_on(self, _event: HistoryEvent, at: datetime) -> None:
        """The run ends, and with it what it had begun; the next one counts its events from 1."""
        for began in list(self.armed):
            self._end(began, at, fired=False)
        self.scheduled.clear()
        self.pausing = False

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
        found = [one for one in marker.details[name].payloads if one.metadata["encoding"] == _PLAIN]
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
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW: _Reading.go_on,
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
