"""What do Temporal's own records say: where the workflows stand, and what happened in them, event by event?"""

import asyncio
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowExecutionStatus

from bench.chaos.judge.answers import plain
from bench.chaos.judge.rows import Row, Rows

AT_ONCE = 8
NONCE, ENCRYPTED = 12, b"binary/encrypted"
GOOD = (WorkflowExecutionStatus.RUNNING, WorkflowExecutionStatus.COMPLETED, WorkflowExecutionStatus.CONTINUED_AS_NEW)


class Read(NamedTuple):
    """What is wrong; how many workflows there are, how many histories were read, and how many events they have."""

    wrong: list[str]
    workflows: int
    histories: int
    events: int


@dataclass(frozen=True)
class Run:
    """One run of a case's workflow, and how it stands; its events, and how often its open task was tried."""

    case: str
    id: str
    status: WorkflowExecutionStatus | None
    events: Sequence[HistoryEvent] = ()
    attempt: int = 0


class Known:
    """What the rows say of cases, to hold histories against."""

    def __init__(self, rows: Rows, key: bytes) -> None:
        self.cipher = AESGCM(key)
        self.targets = {(row["case"], row["version"]): row["target"] for row in rows["journal"]}
        self.commands: dict[str, Row] = {row["id"]: row for row in rows["commands"]}
        self.answers: dict[str, list[dict[str, Any]]] = {}
        for row in rows["commands"]:
            self.answers.setdefault(row["case"], []).append(plain(row["answer"]))

    def read(self, payloads: Payloads) -> Any:
        """The first of some messages, decrypted."""
        payload = payloads.payloads[0]
        if payload.metadata.get("encoding") == ENCRYPTED:
            data = self.cipher.decrypt(payload.data[:NONCE], payload.data[NONCE:], ENCRYPTED)
            payload = Payload.FromString(data)
        return json.loads(payload.data)


async def histories(client: Client, rows: Rows, key: bytes, most: int) -> Read:
    """Look at all workflows of cases, and read the histories of at most so many, spread over all of them."""
    runs = [Run(one.id, one.run_id, one.status) async for one in client.list_workflows("WorkflowType = 'Case'")]
    wrong = list(agree(rows["cases"], runs))
    chosen = sorted(runs, key=lambda run: run.id)[:: max(1, -(-len(runs) // most))]
    known, limit, events = Known(rows, key), asyncio.Semaphore(AT_ONCE), 0

    async def read(run: Run) -> tuple[int, list[str]]:
        async with limit:
            full = await _fetched(client, run)
        return len(full.events), [*story(full, known)]

    for count, found in await asyncio.gather(*map(read, chosen)):
        events += count
        wrong += found
    return Read(wrong, len(runs), len(chosen), events)


async def _fetched(client: Client, run: Run) -> Run:
    handle = client.get_workflow_handle(run.case, run_id=run.id)
    attempt = 0
    if run.status is WorkflowExecutionStatus.RUNNING:
        attempt = (await handle.describe()).raw_description.pending_workflow_task.attempt
    history = await handle.fetch_history()
    return Run(run.case, run.id, run.status, history.events, attempt)


def agree(cases: Iterable[Row], runs: Iterable[Run]) -> Iterator[str]:
    """The workflow of a closed case has ended, that of another goes on once, and there is none without a case."""
    runs, known = list(runs), {case["id"]: case["status"] for case in cases}
    running = Counter(run.case for run in runs if run.status is WorkflowExecutionStatus.RUNNING)
    ended = {run.case for run in runs if run.status is WorkflowExecutionStatus.COMPLETED}
    for case, status in known.items():
        going = running[case]
        if going != (status != "closed") or (status == "closed" and case not in ended):
            yield f"{case} is {status}; {going} of its workflows go on"
    for run in runs:
        # One whose first command came too late ends without a case.
        if run.case not in known and run.status is WorkflowExecutionStatus.RUNNING:
            yield f"{run.case} goes on, and there is no such case"
        if run.status not in GOOD:
            yield f"{run.case}: its workflow is {run.status}"


def story(run: Run, known: Known) -> Iterator[str]:
    """What is wrong in one history."""
    yield from _updates(run, known)
    yield from _tasks(run)
    yield from _results(run, known)


def _updates(run: Run, known: Known) -> Iterator[str]:
    """Each accepted update was accepted once and is completed, and a command's answer is that of its row."""
    asked: dict[str, str] = {}
    done: set[str] = set()
    for event in run.events:
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED:
            accepted = event.workflow_execution_update_accepted_event_attributes.accepted_request
            if accepted.meta.update_id in asked:
                yield f"{run.case}: the update {accepted.meta.update_id} was accepted twice"
            asked[accepted.meta.update_id] = known.read(accepted.input.args)["id"]
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED:
            completed = event.workflow_execution_update_completed_event_attributes
            name = completed.meta.update_id
            if name not in asked or name in done:
                yield f"{run.case}: the update {name} was completed {'twice' if name in done else 'unasked'}"
            done.add(name)
            if completed.outcome.HasField("failure"):
                yield f"{run.case}: the update {name} failed: {completed.outcome.failure.message}"
            elif name in asked:
                yield from _answered(run.case, asked[name], known.read(completed.outcome.success), known.commands)
    for lost in asked.keys() - done:
        yield f"{run.case}: the update {lost} was accepted, and not completed"


def _answered(case: str, command: str, told: Mapping[str, Any], commands: Mapping[str, Row]) -> Iterator[str]:
    answer, row = told.get("answer"), commands.get(command)
    if answer is not None and (row is None or plain(answer) != plain(row["answer"])):
        yield f"{case}: an update answered {answer}, stored is {row and row['answer']}"


def _tasks(run: Run) -> Iterator[str]:
    """No workflow task has failed last, none ever as one that is not deterministic."""
    failing = ""
    for event in run.events:
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
            failing = ""
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT:
            failing = "too late"
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED:
            cause = event.workflow_task_failed_event_attributes.cause
            failing = WorkflowTaskFailedCause.Name(cause)
            if cause == WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR:
                yield f"{run.case}: a replay was not deterministic"
    if failing or run.attempt > 1:
        yield f"{run.case}: its workflow task is left failed ({failing or f'attempt {run.attempt}'})"


def _results(run: Run, known: Known) -> Iterator[str]:
    """Each commit left what the journal says, its version is no older than the one before, and its answer is stored."""
    newest = 0
    for event in run.events:
        marker = event.marker_recorded_event_attributes
        if event.event_type != EventType.EVENT_TYPE_MARKER_RECORDED or "result" not in marker.details:
            continue
        result = known.read(marker.details["result"])
        now, answer = result.get("now"), result.get("answer")
        if now is not None:
            led = known.targets.get((run.case, now["version"]))
            if led != now["status"]:
                yield f"{run.case}: a commit left {now['status']} in version {now['version']}, by the journal {led}"
            if now["version"] < newest:
                yield f"{run.case}: a commit left version {now['version']} after {newest}"
            newest = now["version"]
        if answer is not None and plain(answer) not in known.answers.get(run.case, []):
            yield f"{run.case}: a commit answered {answer}, and no command has that answer"
