"""`casework rehearse`, as people and as machines run it."""

import json
import re
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from outside import alive
from terminal import CASEWORK, family, terminal

from desk.cli import rehearse
from desk.cli.played import InTurn
from ops.rehearsal.script.reader import read
from ops.rehearsal.script.scenario import Scenario
from ops.rehearsal.stage.rehearsal import Played

SCENARIOS = Path(__file__).parents[2] / "scenarios"
FAILS = """
scenario: two expectations that fail
start: 2026-03-02T09:00:00+07:00
cast:
  agencies: {lotus: {region: VN, owner: ann}, jade: {region: VN, owner: jan}}
steps:
  - {by: jan, do: report, id: r1, clause: agency.poaching, against: lotus, details: "x", expect: {quota: {jade: 30}}}
  - {after: 1h, by: ann, do: withdraw, case: r1}
"""


def test_a_failing_expectation_is_named_by_file_step_expected_and_found(tmp_path: Path) -> None:
    (tmp_path / "fails.yaml").write_text(FAILS, "utf-8")
    done = terminal(tmp_path).casework("rehearse", "fails.yaml")
    assert (done.returncode, done.stderr) == (1, "")
    assert "fails.yaml: step 1: quota of jade: expected 30, found 29\n" in done.stdout
    assert "fails.yaml: step 2: error: expected nothing, found forbidden" in done.stdout
    assert done.stdout.endswith("0 of 1 scenarios passed.\n")


def test_machines_are_told_everything_and_what_is_kept_can_be_read(tmp_path: Path) -> None:
    files = [str(SCENARIOS / f"{name}.yaml") for name in ("held-appeal", "second-vote")]
    done = terminal(tmp_path).casework("rehearse", *files, "--json", "--keep", "kept")
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    told = json.loads(done.stdout)
    assert told["passed"]
    assert [one["file"] for one in told["scenarios"]] == files
    for number, one in enumerate(told["scenarios"], start=1):
        kept = tmp_path / "kept" / f"{number}-{Path(one['file']).stem}"
        assert "CREATE TABLE public.journal" in (kept / "database.sql").read_text("utf-8")
        assert [step["step"] for step in one["steps"]] == list(range(1, len(one["steps"]) + 1))
        for case in one["cases"]:
            history = json.loads((kept / f"{case['workflow_id']}.json").read_text("utf-8"))
            assert len(history["events"]) == case["events"]
            assert case["run_id"]
            assert len(case["last_hash"]) == 64


def test_several_at_once_tell_what_one_after_the_other_tell(tmp_path: Path) -> None:
    (tmp_path / "fails.yaml").write_text(FAILS, "utf-8")
    longest_first = ("late-verdict", "withdrawn-report")
    files = [str(SCENARIOS / f"{name}.yaml") for name in longest_first]
    at = terminal(tmp_path)
    one, three = (at.casework("rehearse", *files, "fails.yaml", "--at-once", n) for n in ("1", "3"))
    assert (one.returncode, one.stderr) == (three.returncode, three.stderr) == (1, "")
    assert _timeless(three.stdout) == _timeless(one.stdout)
    assert one.stdout.endswith("2 of 3 scenarios passed.\n")


def test_the_first_is_heard_as_it_tells_and_the_others_in_their_turn() -> None:
    heard: list[str] = []
    told = InTurn(heard.append, 3)
    told.tell(2, "c1")
    told.tell(0, "a1")
    told.tell(1, "b1")
    assert heard == ["a1"]
    told.end(1)
    told.tell(0, "a2")
    assert heard == ["a1", "a2"]
    told.end(0)
    told.tell(2, "c2")
    told.end(2)
    assert heard == ["a1", "a2", "b1", "c1", "c2"]


async def test_one_that_waits_in_vain_does_not_hurt_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    @asynccontextmanager
    async def nowhere(_: object) -> AsyncIterator[None]:
        yield

    async def play(_: object, scenario: Scenario, *_more: Any, **__: Any) -> Played:
        if scenario.file.stem == "duplicate":
            raise TimeoutError
        return Played(scenario)

    monkeypatch.setattr(rehearse, "servers", nowhere)
    monkeypatch.setattr(rehearse, "play", play)
    scenarios = [read(SCENARIOS / f"{name}.yaml") for name in ("quota", "duplicate", "upheld")]
    played = await rehearse.together(scenarios, None, 3, lambda _: None)
    assert [one.scenario for one in played] == scenarios
    assert [one.faults for one in played] == [[], ["step 1: what is due did not happen"], []]


def test_ctrl_c_stops_all_and_leaves_no_process_behind(tmp_path: Path) -> None:
    files = sorted(str(file) for file in SCENARIOS.glob("*.yaml"))
    words = [CASEWORK, "rehearse", *files, "--at-once", "3"]
    process = subprocess.Popen(words, cwd=tmp_path, env=terminal(tmp_path).environment, stdout=-1, stderr=-1, text=True)
    assert process.stdout is not None
    while "passed" not in process.stdout.readline():
        assert process.poll() is None
    pids = family(process.pid)
    process.send_signal(signal.SIGINT)
    _, wrong = process.communicate(timeout=30)
    assert (process.returncode, wrong) == (130, "")
    assert not [pid for pid in pids if alive(pid)]


def _timeless(said: str) -> str:
    return re.sub(r"[\d.]+ s$", "", said, flags=re.MULTILINE)
