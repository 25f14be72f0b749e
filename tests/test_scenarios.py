"""Every story in `scenarios/` is played over the real workflows, activities and database, and ends proved."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import ProgrammingError
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

from desk.rehearsal.direct import direct
from desk.rehearsal.over_http import over_http
from ops.rehearsal.script.reader import read
from ops.rehearsal.script.scenario import Scenario
from ops.rehearsal.script.step import Many
from ops.rehearsal.stage.rehearsal import Played, closing, rehearse, stage
from ops.rehearsal.stage.servers import Servers, servers
from store import journal
from workers.build import build
from workers.settings import Settings
from workflows.case import CaseWorkflow

FILES = sorted((Path(__file__).parent.parent / "scenarios").glob("*.yaml"))
AT_ONCE = 2
# Every verb, every kind of expectation; `casework rehearse --over-http scenarios/*.yaml` plays them all so.
OVER_HTTP = (
    "clean-day-zone", "creator-appeals", "evidence", "filed-again", "invalid", "notes-and-summaries", "quota",
    "second-vote", "set-aside", "trial-of-a-health-score", "version-raises-a-tier", "who-sees-what",
)  # fmt: skip


@pytest.fixture(scope="module")
async def on() -> AsyncIterator[Servers]:
    async with servers(Settings()) as running:
        yield running


@pytest.fixture(scope="module")
async def playing(on: Servers) -> AsyncIterator[dict[Path, "asyncio.Task[Played]"]]:
    """All of them, two at a time, in the order of the tests that ask for them."""
    turn = asyncio.Semaphore(AT_ONCE)

    async def play(file: Path) -> Played:
        async with turn:
            return await rehearse(on, read(file), direct)

    tasks = {file: asyncio.create_task(play(file)) for file in FILES}
    yield tasks
    for task in tasks.values():
        task.cancel()
    await asyncio.gather(*tasks.values(), return_exceptions=True)


@pytest.mark.timeout(180)
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
async def test_the_story_holds(playing: dict[Path, "asyncio.Task[Played]"], file: Path) -> None:
    played = await playing[file]
    differences = [f"step {told.step.number}: {found}" for told in played.steps for found in told.differences]
    assert differences + played.faults == []


async def test_a_story_may_do_no_more_in_the_database_than_desk_and_worker(on: Servers) -> None:
    async with on.database() as url, closing(url, as_owner=False) as engine:
        for statement in ("DELETE FROM journal", "UPDATE checkpoints SET root = root", "CREATE TABLE mine (id text)"):
            with engine.connect() as connection, pytest.raises(ProgrammingError, match="permission denied"):
                connection.execute(sa.text(statement))


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", OVER_HTTP)
async def test_the_story_holds_over_http(on: Servers, name: str) -> None:
    played = await rehearse(on, read(next(file for file in FILES if file.stem == name)), over_http)
    differences = [f"step {told.step.number}: {found}" for told in played.steps for found in told.differences]
    assert differences + played.faults == []


@pytest.mark.parametrize("name", ["overturn-reprices", "leases-and-deadlines"])
async def test_a_kept_history_replays_and_has_the_journals_moves(on: Servers, tmp_path: Path, name: str) -> None:
    """Each commit of the journal stands in the history as an answer that the workflow adopted."""
    scenario = read(next(file for file in FILES if file.stem == name))
    async with stage(on, scenario, direct) as place:
        for step in scenario.steps:
            await place.player.play(step)
        for case in place.player.names.values():
            kept = tmp_path / f"{case}.json"
            kept.write_text((await place.client.get_workflow_handle(case).fetch_history()).to_json())
            history = WorkflowHistory.from_json(case, kept.read_text())
            replayer = Replayer(workflows=[CaseWorkflow], data_converter=pydantic_data_converter, build_id=build())
            await replayer.replay_workflow(history)
            with place.engine.connect() as connection:
                lines = journal.timeline(connection, case)
            adopted = _adopted(history)
            assert adopted[-1] == (lines[-1]["target"], lines[-1]["version"])
            assert {version for _, version in adopted} <= {line["version"] for line in lines}
            commands = {line["command"] for line in lines if line["actor"] not in {"engine", "clock"}}
            assert all(command in kept.read_text() or _in_payloads(kept.read_text(), command) for command in commands)


def test_over_http_every_verb_is_played_and_every_kind_of_expectation_held() -> None:
    all_of_it, over_http = ({word for file in files for word in _words(read(file))} for files in (FILES, _over_http()))
    assert all_of_it - over_http == set()


def _over_http() -> list[Path]:
    return [file for file in FILES if file.stem in OVER_HTTP]


def _words(scenario: Scenario) -> Iterator[str]:
    """The verbs of its steps, and the kinds of what they expect."""
    for step in scenario.steps:
        for act in step.act.steps() if isinstance(step.act, Many) else [step]:
            yield f"do {act.act.do}" if act.act else ""
        yield from (f"expect {kind}" for kind in (step.expect.model_fields_set if step.expect else ()))


def _adopted(history: WorkflowHistory) -> list[tuple[str, int]]:
    """The (status, version) of each commit's answer, in the order of the history."""
    found = []
    for event in history.events:
        details = event.marker_recorded_event_attributes.details
        for payload in details["result"].payloads if "result" in details else []:
            now = json.loads(payload.data)["now"]
            if now is not None:
                found.append((now["status"], now["version"]))
    return found


def _in_payloads(text: str, command: str) -> bool:
    """Whether some payload of the history has the command's id."""

    def decoded(value: object) -> bool:
        if isinstance(value, dict):
            data = value.get("data")
            own = isinstance(data, str) and command.encode() in base64.b64decode(data + "==", validate=False)
            return own or any(decoded(inner) for inner in value.values())
        return isinstance(value, list) and any(decoded(inner) for inner in value)

    return decoded(json.loads(text))
