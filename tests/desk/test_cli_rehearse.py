"""`casework rehearse`, as people and as machines run it."""

import json
import os
import re
import signal
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from outside import alive
from terminal import CASEWORK, family, terminal

from desk.cli import rehearse
from desk.cli.played import InTurn
from ops.rehearsal.script.reader import read
from ops.rehearsal.script.scenario import Scenario

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
CAST = """
start: 2026-03-02T09:00:00+07:00
cast:
  agencies: {lotus: {region: VN, owner: ann}, jade: {region: VN, owner: jan}}
  staff: {mia: {role: moderator, regions: [VN]}, sam: {role: senior_moderator, regions: [VN]}}
steps:
"""
REPORT = "  - {by: jan, do: report, id: r1, clause: agency.poaching, against: lotus, details: x}"
APPEALED_LATE = f"""scenario: an appeal is claimed ten days after it was filed{CAST}{REPORT}
  - {{by: mia, do: claim, case: r1}}
  - {{by: mia, do: decide, case: r1, finding: violation, severity: mild, reasons: x}}
  - {{after: 1d, by: ann, do: appeal, id: a1, of: r1, grounds: x}}
  - {{after: 10d, by: sam, do: claim, case: a1, expect: {{status: {{a1: claimed}}}}}}
  - {{by: sam, do: decide, case: a1, outcome: overturned, reasons: x, expect: {{outcome: {{a1: overturned}}}}}}
"""
A_YEAR_UNTAKEN = f"""scenario: reports that nobody takes for a year{CAST}
  - do: many
    count: 8
    step: {{by: jan, do: report, id: "r{{n}}", clause: agency.poaching, against: lotus, details: "x"}}
    expect: {{done: 8}}
  - {{at: 2027-03-02T09:00:00+07:00, expect: {{status: {{r1: escalated}}}}}}
"""
A_DAY = f"""scenario: a report waits for a day{CAST}{REPORT}
  - {{after: 1d, expect: {{status: {{r1: queued}}}}}}
"""
WRONG = f"""scenario: what is expected is not so{CAST}{REPORT}
  - {{after: 1h, expect: {{outcome: {{r1: dismissed}}}}}}
  - {{expect: {{status: {{r1: claimed}}}}}}
"""


def test_a_failing_expectation_is_named_by_file_step_expected_and_found(tmp_path: Path) -> None:
    (tmp_path / "fails.yaml").write_text(FAILS, "utf-8")
    done = terminal(tmp_path).casework("rehearse", "fails.yaml")
    assert (done.returncode, done.stderr) == (1, "")
    assert "fails.yaml: step 1, 2026-03-02T09:00:00+07:00: quota of jade: expected 30, found 29\n" in done.stdout
    assert "fails.yaml: step 2, 2026-03-02T10:00:00+07:00: error: expected nothing, found forbidden" in done.stdout
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


async def test_a_server_that_fails_fails_its_file_in_one_sentence_and_the_others_are_played() -> None:
    heard: list[str] = []
    first = True

    def say(text: str) -> None:
        nonlocal first
        heard.append(text)
        if first and text.startswith("  ✓"):
            # The first step was told: its Temporal dies.
            first = False
            servers = [pid for pid in family(os.getpid()) if "temporal-test-server" in command(pid)]
            for server in servers:
                os.kill(server, signal.SIGKILL)
            assert servers

    scenarios = [told(A_DAY), read(SCENARIOS / "upheld.yaml")]
    dies, lives = await rehearse.together(scenarios, None, 1, say)
    assert (dies.passed, lives.passed) == (False, True)
    (fault,) = dies.faults
    assert re.fullmatch(r"step \d: RPCError: .+", fault)
    assert f"{scenarios[0].file}: {fault}" in heard


async def test_an_act_comes_after_what_is_due_by_its_time() -> None:
    """A claim ten days after an appeal was filed meets its second tick of 72 hours."""
    (played,) = await rehearse.together([told(APPEALED_LATE)], None, 1, lambda _: None)
    assert played.passed, played.faults
    assert [one.at.day for one in played.steps] == [2, 2, 2, 3, 13, 13]


async def test_a_year_of_reports_that_nobody_takes_is_played_to_its_end() -> None:
    (played,) = await rehearse.together([told(A_YEAR_UNTAKEN)], None, 1, lambda _: None)
    assert played.passed, played.faults


def test_a_message_says_the_story_s_time_the_status_and_what_went_wrong_before(tmp_path: Path) -> None:
    (tmp_path / "story.yaml").write_text(WRONG, "utf-8")
    done = terminal(tmp_path).casework("rehearse", "story.yaml")
    second, third = [line for line in done.stdout.splitlines() if line.startswith("story.yaml: step")]
    at = "2026-03-02T10:00:00+07:00"
    assert second == f"story.yaml: step 2, {at}: outcome of r1: expected dismissed, found nothing, for r1 is queued"
    assert third.startswith(f"story.yaml: step 3, {at}: status of r1: expected claimed, found queued")
    assert third.endswith("(step 2 went wrong before)")


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


def told(text: str) -> Scenario:
    """The scenario that a file with this text holds."""
    with TemporaryDirectory() as folder:
        file = Path(folder, "story.yaml")
        file.write_text(text, "utf-8")
        return read(file)


def command(pid: int) -> str:
    """The command line of a process; nothing where it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text("utf-8")
    except FileNotFoundError:
        return ""


def _timeless(said: str) -> str:
    return re.sub(r"[\d.]+ s$", "", said, flags=re.MULTILINE)
