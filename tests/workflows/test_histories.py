"""The paths of a case: recorded once, replayed by every later version of the code, and not longer than they must be.

To record anew: `RECORD_HISTORIES=1 pytest tests/workflows/test_histories.py`.
"""

import json
import os
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
import sqlalchemy as sa
from conftest import new
from opentelemetry.sdk.trace import TracerProvider
from sqlalchemy import Engine, create_engine
from temporalio.api.common.v1 import Payloads
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WithStartWorkflowOperation, WorkflowHistory
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from activities.clock import Own
from activities.clock import Story as StoryClock
from activities.command import Answer, Command, Start, command_id
from activities.courier.deliver import Deliver
from activities.courier.post import Post
from activities.install import install
from activities.names import CASE, COMMAND, rollout_id, standing_id, webhook_id
from desk.door.door import Door
from desk.door.versions import VersionMoves
from ops.rehearsal.stage.servers import skipping_time
from ops.rehearsal.stage.settled import settle
from ops.rehearsal.stage.story import Story
from rulebook.load import BUNDLED, LIVE, files_at, load
from states.terms import Kind, Role
from store import feed, webhook
from store.engine import connect
from store.in_thread import close
from store.keyring import fleeting
from store.migrate import migrate
from workers.build import build
from workers.clock import Clock
from workers.joined import interceptors
from workers.reach import House
from workers.worker import compose, compose_deliveries

HISTORIES = Path(__file__).parent / "histories"
FINGERPRINT = Path(__file__).parent / "fingerprint.json"
RECORDING = bool(os.environ.get("RECORD_HISTORIES"))
START = datetime(2026, 3, 2, 2, tzinfo=UTC)
TASK_QUEUE = "casework"
KEY = b"a recorded case's commands are signed too"
# Events that stand for a command of the workflow; the others are the server's.
COMMANDS = {
    EventType.EVENT_TYPE_TIMER_STARTED: "set a timer",
    EventType.EVENT_TYPE_TIMER_CANCELED: "cancel a timer",
    EventType.EVENT_TYPE_MARKER_RECORDED: "local activity",
    EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED: "activity",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED: "accept",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED: "answer",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED: "end",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW: "continue as new",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED: "fail",
}
ADVICE = """
The workflow now does other things, or in another order, than when {name} was recorded. Cases live for weeks: those that
were begun before this change replay their history with this code, and hang if it does not fit.
 1. If it was not meant, undo it.
 2. If it was, keep the old way for old cases: `if workflow.patched("what-changed"): new way, else: old way`
    (https://docs.temporal.io/develop/python/versioning), until no case is open that began before.
 3. Then record anew, beside the old files where those must still replay:
    RECORD_HISTORIES=1 pytest tests/workflows/test_histories.py
"""

T = TypeVar("T")
Step = timedelta | tuple[str, str, dict[str, Any]]
DETAILS = {"clause": "agency.poaching", "against": "lotus", "details": "seen on stream"}
REPORT: Step = ("jan", "report", DETAILS)
APPEAL: Step = ("ann", "appeal", {"of": "report", "grounds": "we did not"})
CLAIM: Step = ("mia", "claim", {"case": "report"})
SENIOR_CLAIM: Step = ("sam", "claim", {"case": "report"})
WITHDRAW: Step = ("jan", "withdraw", {"case": "report"})
# A receiver that is never reached: the address is not public.
HOOK: Step = ("jan", "hook", {"url": "https://127.0.0.1/", "events": ["verdict.decided"]})
WINDOW = timedelta(days=30)


def verdict(finding: str, severity: str | None = None, by: str = "mia", **more: object) -> Step:
    said = {"case": "report", "finding": finding, "reasons": "checked the evidence"} | more
    return (by, "decide", said | {"severity": severity} if severity else said)


def answer(outcome: str, **more: object) -> list[Step]:
    said = {"case": "appeal", "outcome": outcome, "reasons": "heard"} | more
    return [("sue", "claim", {"case": "appeal"}), ("sue", "decide", said)]


def vote(verb: str) -> Step:
    return ("sue", verb, {"case": "report", "reasons": "seen it too"})


MILD, NONE, SEVERE = verdict("violation", "mild"), verdict("none"), verdict("violation", "severe")
ASK: Step = ("mia", "ask", {"case": "report", "question": "where?"})
ANSWER: Step = ("jan", "answer", {"case": "report", "text": "there"})
ESCALATE: Step = ("mia", "escalate", {"case": "report", "reasons": "hard"})
IN_FORCE: list[Step] = [timedelta(days=10), ("ada", "move", {"event": "approve"}), timedelta(days=21)]
# fmt: off
PATHS: dict[str, list[Step]] = {
    "dismissed":         [REPORT, CLAIM, NONE],
    "window_over":       [REPORT, CLAIM, MILD, WINDOW],
    "recruiting_paused": [REPORT, CLAIM, verdict("violation", "moderate"), WINDOW],
    "duplicate":         [REPORT, ("jan", "report", {**DETAILS, "id": "second"}), ("jan", "report", {**DETAILS, "id": "third"}),
                          ("mia", "claim", {"case": "second"}),
                          ("mia", "decide", {"case": "second", "finding": "duplicate", "of": "third", "reasons": "same"}),
                          WITHDRAW],
    "asked_answered":    [REPORT, CLAIM, ASK, ANSWER, CLAIM, NONE],
    "asked_in_vain":     [REPORT, CLAIM, ASK, timedelta(days=7), CLAIM, NONE],
    "lease_ran_out":     [REPORT, CLAIM, timedelta(minutes=31), CLAIM, ("mia", "release", {"case": "report"}), CLAIM, NONE],
    "overdue":           [REPORT, timedelta(hours=73), timedelta(hours=73), SENIOR_CLAIM, verdict("none", by="sam")],
    "escalated":         [REPORT, CLAIM, ESCALATE, SENIOR_CLAIM, verdict("none", by="sam")],
    "approved":          [REPORT, CLAIM, SEVERE, vote("approve"), WINDOW],
    "rejected":          [REPORT, CLAIM, SEVERE, vote("reject"), CLAIM, NONE],
    "approval_lapsed":   [REPORT, CLAIM, SEVERE, timedelta(hours=73), SENIOR_CLAIM, verdict("none", by="sam")],
    "withdrawn":         [REPORT, WITHDRAW],
    "appeal_upheld":     [REPORT, CLAIM, MILD, APPEAL, *answer("upheld")],
    "appeal_modified":   [REPORT, CLAIM, verdict("violation", "moderate"), APPEAL, *answer("modified", severity="mild")],
    "appeal_overturned": [REPORT, CLAIM, MILD, timedelta(days=2), APPEAL, *answer("overturned")],
    "appeal_held":       [REPORT, APPEAL, CLAIM, MILD, *answer("upheld")],
    "appeal_moot":       [REPORT, APPEAL, CLAIM, NONE],
    "appeal_withdrawn":  [REPORT, CLAIM, MILD, APPEAL, ("ann", "withdraw", {"case": "appeal"}), WINDOW],
    "told_in_vain":      [HOOK, REPORT, CLAIM, NONE, timedelta(days=4)],
    "version_lapsed":    [("edith", "propose", {"after": timedelta(days=30)}), timedelta(days=15)],
    "version_wave":      [("edith", "propose", {"after": timedelta(days=30), "number": 5}), *IN_FORCE],
    "version_taken_back": [("edith", "propose", {"after": timedelta(days=30), "number": 6}), *IN_FORCE,
                          ("ada", "move", {"event": "take_back", "reasons": "It was a mistake."})],
    "refused":           [REPORT, ("mia", "forge", {"case": "report"}), ("mia", "forge", {"case": "nothing"}), WITHDRAW],
}
# fmt: on


@dataclass(frozen=True)
class Stage:
    """A time-skipping server, a database of its own, a sandboxed worker, and the story's clock."""

    engine: Engine
    client: Client
    door: Door
    story: Story

    async def play(self, steps: Sequence[Step]) -> dict[str, str]:
        """Play a path with people of its own; give the workflow ids of its cases and couriers."""
        lotus, jade = new("lotus"), new("jade")
        people = {name: new(name) for name in ("jan", "ann", "edith", "ada")}
        with self.engine.begin() as connection:
            for agency, owner in ((jade, people["jan"]), (lotus, people["ann"])):
                feed.agency(connection, agency, "VN")
                feed.person(connection, owner, Role.OWNER, agency=agency)
        names = {"lotus": lotus}
        for step in steps:
            if isinstance(step, timedelta):
                await self.story.until(self.story.now() + step)
            else:
                by, verb, said = step
                if verb == "forge":
                    await self.forge(names.setdefault(said["case"], new("report")))
                    continue
                if verb == "propose":
                    names["version"] = await self.propose(people[by], **said)
                    continue
                if verb == "move":
                    await self.move(people[by], names["version"], **said)
                    await settle(self.engine, self.story.now)
                    continue
                if verb == "hook":
                    names["receiver"] = self.hook(jade, people[by], said)
                    continue
                known = {k: names.get(v, v) if isinstance(v, str) else v for k, v in said.items() if k != "id"}
                told = await self.door.send(people.get(by, by), verb, known, key=new("key"))
                if verb in tuple(Kind):
                    names[said.get("id", verb)] = told["case"]
            await settle(self.engine, self.story.now)
        # The third report of a path is judged one day: it is not awaited.
        cases = {name: workflow for name, workflow in names.items() if name not in {"lotus", "third"}}
        return cases | {"courier": standing_id(lotus)}

    async def move(self, by: str, version: str, event: str, **said: str) -> None:
        """Move a version, by the workflow id of its courier, as somebody who approves it."""
        with self.engine.begin() as connection:
            feed.person(connection, by, Role.POLICY_APPROVER)
        digest = version.removeprefix(rollout_id(""))
        if event == "approve":
            said |= {"override": "A court ordered it."}
        await VersionMoves(self.door).move(by, digest, event, said, key=new("key"), through="session")

    async def propose(self, by: str, after: timedelta, number: int = 4) -> str:
        """Draft and propose a version; give the workflow id of its courier."""
        with self.engine.begin() as connection:
            feed.person(connection, by, Role.POLICY_EDITOR)
        files = files_at(BUNDLED / LIVE)
        files["base.yaml"] = files["base.yaml"].replace(b"version: 3", f"version: {number}".encode())
        moves = VersionMoves(self.door)
        drafted = await moves.draft(by, files, key=new("key"), through="session")
        said = {"reasons": "It has doubled.", "in_force_from": (self.story.now() + after).isoformat()}
        await moves.move(by, drafted["version"], "propose", said, key=new("key"), through="session")
        return rollout_id(drafted["version"])

    def hook(self, agency: str, by: str, said: dict[str, Any]) -> str:
        """Add a receiver; give the workflow id of its courier."""
        row = {"id": new("wh"), "agency": agency, "secret": "whsec_", "created_by": by, "created_at": self.story.now()}
        with self.engine.begin() as connection:
            webhook.add(connection, row | said)
        return webhook_id(str(row["id"]))

    async def forge(self, case: str) -> None:
        """Send the case, which may not exist, a command that no desk signed."""
        identity = command_id("mia", new("key"))
        command = Command(
            id=identity,
            case=case,
            kind=Kind.REPORT,
            event="claim",
            actor="mia",
            args={},
            texts={},
            body=identity,
            wanted_until=self.story.now() + timedelta(minutes=1),
        )
        start: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
            CASE,
            Start(id=case, at=self.story.now()),
            id=case,
            task_queue=TASK_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        )
        answer = await self.client.execute_update_with_start_workflow(
            COMMAND, command, start_workflow_operation=start, result_type=Answer
        )
        assert answer.refusal is not None

    async def histories(self, path: str) -> dict[str, WorkflowHistory]:
        """Play a path and give the histories that are complete, by the path's and the case's name."""
        found = {}
        for name, workflow in (await self.play(PATHS[path])).items():
            if name == "courier" and path != "recruiting_paused":
                continue
            handle = self.client.get_workflow_handle(workflow)
            await handle.result()
            # `recruiting_paused.courier` is from before surveys told the platform at once: it must replay all the same.
            found[f"{path}.{'prompt_courier' if name == 'courier' else name}"] = await handle.fetch_history()
        return found


@contextmanager
def database(house: House) -> Iterator[Engine]:
    name = new("story").replace("-", "_")
    admin = create_engine(house.engine.url, isolation_level="AUTOCOMMIT", pool_size=1)
    with admin.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    admin.dispose()
    url = house.engine.url.set(drivername="postgresql", database=name).render_as_string(hide_password=False)
    engine = connect(url, keyring=fleeting())
    try:
        migrate(engine)
        yield engine
    finally:
        close(engine)


@pytest.fixture(scope="module")
async def stage(house: House) -> AsyncIterator[Stage]:
    with database(house) as engine:
        with engine.begin() as connection:
            install(connection, load("live"), START)
            for person, role in (
                ("mia", Role.MODERATOR),
                ("sam", Role.SENIOR_MODERATOR),
                ("sue", Role.SENIOR_MODERATOR),
            ):
                feed.person(connection, person, role, regions=["VN"])
        clock = StoryClock(Clock().now)
        async with (
            skipping_time() as environment,
            compose(environment.client, engine, KEY, TASK_QUEUE, clock=clock, sandbox=True),
            compose_deliveries(environment.client, TASK_QUEUE, Deliver(engine, Post(), clock)),
        ):
            story = Story(environment, START)
            await story.begin()
            async with Door(engine, environment.client, KEY, TASK_QUEUE, story.now) as door:
                yield Stage(engine, environment.client, door, story)


def commands(history: WorkflowHistory) -> list[str]:
    """What the workflow did, in order."""
    return [COMMANDS[event.event_type] for event in history.events if event.event_type in COMMANDS]


def recorded() -> dict[str, WorkflowHistory]:
    files = sorted(HISTORIES.glob("*.json"))
    return {file.stem: WorkflowHistory.from_json(file.stem, file.read_text(encoding="utf-8")) for file in files}


def fingerprint() -> dict[str, list[str]]:
    found: dict[str, list[str]] = json.loads(FINGERPRINT.read_text(encoding="utf-8"))
    return found


def record(histories: dict[str, WorkflowHistory]) -> None:
    """Write the histories down, without the machine's name, and their fingerprint."""
    known = fingerprint() if FINGERPRINT.exists() else {}
    for name, history in histories.items():
        told = history.to_json_dict()
        forget_the_machine(told)
        HISTORIES.mkdir(exist_ok=True)
        text = json.dumps(told, indent=1, ensure_ascii=False) + "\n"
        (HISTORIES / f"{name}.json").write_text(text, encoding="utf-8")
        known[name] = commands(history)
    text = json.dumps(known, indent=1, sort_keys=True) + "\n"
    FINGERPRINT.write_text(text, encoding="utf-8")


def forget_the_machine(told: Any) -> None:
    for each in told.values() if isinstance(told, dict) else told if isinstance(told, list) else ():
        forget_the_machine(each)
    if isinstance(told, dict) and "identity" in told:
        told["identity"] = "recorded"


@pytest.mark.parametrize("path", PATHS)
async def test_a_path_takes_the_steps_that_it_took(stage: Stage, path: str) -> None:
    histories = await stage.histories(path)
    if RECORDING:
        record(histories)
    known = fingerprint()
    for name, history in histories.items():
        assert commands(history) == known.get(name), ADVICE.format(name=name)


@pytest.fixture(scope="module", params=[(), interceptors(TracerProvider().get_tracer("replayed"))], ids=["", "traced"])
async def replayer(house: House, request: pytest.FixtureRequest) -> Replayer:
    """Replays with the workflows, and in the sandbox, of the worker as it is composed; also of one that traces."""
    worker = compose(
        house.client, house.engine, house.key, new("replayed"), clock=Own(house.clock.now), sandbox=True
    ).config()
    assert isinstance(worker["workflow_runner"], SandboxedWorkflowRunner)
    return Replayer(
        workflows=worker["workflows"],
        workflow_runner=worker["workflow_runner"],
        data_converter=pydantic_data_converter,
        interceptors=request.param,
        build_id=build(),  # left alone the SDK hashes all modules of the process
    )


@pytest.mark.parametrize("name", list(recorded()))
async def test_a_recorded_case_goes_on_with_the_code_of_today(replayer: Replayer, name: str) -> None:
    history = recorded()[name]
    assert commands(history) == fingerprint()[name], "the file and the fingerprint were not recorded together"
    result = await replayer.replay_workflow(history, raise_on_replay_failure=False)
    assert result.replay_failure is None, f"{ADVICE.format(name=name)}\n{result.replay_failure}"


def said(payloads: Payloads, kind: type[T]) -> tuple[dict[str, Any], T]:
    """What was written, as it stands there, and as the code of today reads it."""
    (read,) = pydantic_data_converter.payload_converter.from_payloads(payloads.payloads, [kind])
    return json.loads(payloads.payloads[0].data), read


@pytest.mark.parametrize("name", list(recorded()))
def test_what_older_code_wrote_is_read_in_full(name: str) -> None:
    """A replay does not compare what is answered: an answer whose words were lost would replay as well."""
    kind = ""
    for event in recorded()[name].events:
        if event.HasField("workflow_execution_started_event_attributes"):
            started = event.workflow_execution_started_event_attributes
            kind = started.workflow_type.name
            told, start = said(started.input, Start)
            assert (start.id, start.first is None) == (told.get("id", told.get("case")), told["first"] is None)
        elif event.HasField("workflow_execution_update_accepted_event_attributes"):
            request = event.workflow_execution_update_accepted_event_attributes.accepted_request
            told, command = said(request.input.args, Command)
            assert (command.body, command.genuine(KEY)) == (told["body"], told["signature"] != "")
        elif event.HasField("marker_recorded_event_attributes") and kind == CASE:
            told, found = said(event.marker_recorded_event_attributes.details["result"], Answer)
            assert (found.answer, found.now is None) == (told.get("answer", told.get("told")), told["now"] is None)
            assert (found.refusal and found.refusal.code) == (told["refusal"] and told["refusal"]["code"])


def test_older_workers_can_read_what_starts_a_workflow() -> None:
    start = Start(id="report-1", at=START)
    (payload,) = pydantic_data_converter.payload_converter.to_payloads([start])
    assert json.loads(payload.data) == {"case": "report-1", "at": "2026-03-02T02:00:00Z", "first": None}
    assert said(Payloads(payloads=[payload]), Start)[1] == start


def test_every_path_is_recorded() -> None:
    assert {name.partition(".")[0] for name in recorded()} == set(PATHS)
    assert set(recorded()) == set(fingerprint())


async def test_a_life_is_short(stage: Stage) -> None:
    """Submit, claim, decide: 24 events; with the window that closes it: 30. Showing each status to Temporal adds 4."""
    case = (await stage.play(PATHS["window_over"][:-1]))["report"]
    handle = stage.client.get_workflow_handle(case)
    before = len((await handle.fetch_history()).events)
    await stage.story.until(stage.story.now() + WINDOW)
    await settle(stage.engine, stage.story.now)
    await handle.result()
    after = len((await handle.fetch_history()).events)
    assert before <= 24
    assert after <= 30
