"""`casework rehearse`, as people and as machines run it."""

import json
from pathlib import Path

from terminal import terminal

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
