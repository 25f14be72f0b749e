"""What needs no engine: rulebooks, tables, and scenarios that can't be read."""

import json
import sys
from pathlib import Path

import pytest

from desk.cli import paper
from desk.cli.app import run
from desk.cli.language import terminal
from rulebook.load import BUNDLED

STORY = """
scenario: a story
start: 2026-03-02T09:00:00+07:00
cast: {agencies: {jade: {region: VN, owner: jan}}}
steps: [{by: jan, do: report, id: r1}]
"""


@pytest.fixture
def casework(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> "Command":
    return Command(monkeypatch, capsys)


class Command:
    """`casework`, run in this process: its code, and what it said on both streams."""

    def __init__(self, patch: pytest.MonkeyPatch, said: pytest.CaptureFixture[str]) -> None:
        self._patch = patch
        self._said = said

    def __call__(self, *words: str) -> tuple[int, str, str]:
        self._patch.setattr(sys, "argv", ["casework", *words])
        code = run()
        return code, *self._said.readouterr()


def test_a_command_may_follow_two_dashes(casework: Command) -> None:
    assert casework("--", "states", "report") == casework("states", "report")


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "vi_VN.UTF-8"}, "vi"),
        ({"LANG": "vi_VN.UTF-8", "LC_ALL": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "C.UTF-8", "LANGUAGE": "fr:vi"}, "vi"),
        ({"LANG": "vi_VN", "LANGUAGE": "zh_CN:vi"}, "zh"),
        ({"LC_ALL": "C", "LANGUAGE": "vi"}, "en"),
        ({"LANG": "zh_TW.UTF-8"}, "en"),
        ({"LANG": "nonsense@x", "TZ": ":no/where"}, "en"),
        ({"LANG": "vi@x", "TZ": "Asia"}, "vi"),
    ],
)
def test_the_terminal_says_the_language(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], language: str
) -> None:
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG", "TZ"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert terminal.__wrapped__().language == language


def test_only_what_is_a_time_is_shown_as_one(capsys: pytest.CaptureFixture[str]) -> None:
    paper.facts({"respondent": "2026-01-01T00:00:00+00:00", "occurred": "2026-01-01T00:00:00+00:00", "at": "2026-13"})
    told = [line.split("  ")[-1] for line in capsys.readouterr().out.splitlines()]
    assert told == ["2026-01-01T00:00:00+00:00", "2026-01-01 00:00:00+00:00", "2026-13"]


def test_facts_of_one_name_are_both_told(capsys: pytest.CaptureFixture[str]) -> None:
    paper.facts({"occurred": "first", "occurred at": "second", "none": None})
    assert capsys.readouterr().out.splitlines() == ["  occurred     first", "  occurred at  second"]


def test_the_bundled_rulebook_is_found_right(casework: Command) -> None:
    code, said, _ = casework("rulebook", "check", str(BUNDLED / "live"))
    assert code == 0
    assert "nothing is wrong" in said
    assert "Every text is said in en, vi, zh." in said


def test_a_text_that_a_language_lacks_is_told_and_is_no_mistake(casework: Command, tmp_path: Path) -> None:
    base = (BUNDLED / "live" / "base.yaml").read_text("utf-8").replace("title: Gambling", "title: {en: x, th: y}")
    overlay = (BUNDLED / "live" / "VN.yaml").read_text("utf-8")
    (tmp_path / "base.yaml").write_text(base, "utf-8")
    (tmp_path / "VN.yaml").write_text(overlay, "utf-8")
    code, said, _ = casework("rulebook", "check", str(tmp_path))
    assert (code, "Every text is said in en.\nNot said in th: clauses.agency.poaching.title, " in said) == (0, True)
    found = json.loads(casework("rulebook", "check", str(tmp_path), "--json")[1])["languages"]
    assert (found["complete"], list(found["missing"])) == (["en"], ["th"])
    assert "statutes.decree_147.temporary_block.text (VN)" in found["missing"]["th"]


def test_a_wrong_rulebook_is_named_by_file_line_key_and_value(casework: Command, tmp_path: Path) -> None:
    wrong = (BUNDLED / "live" / "base.yaml").read_text("utf-8").replace("{value: 30, source", "{value: many, source")
    (tmp_path / "wrong.yaml").write_text(wrong, "utf-8")
    code, _, said = casework("rulebook", "check", str(tmp_path / "wrong.yaml"))
    assert code == 2
    number = wrong.partition("value: many")[0].count("\n") + 1
    assert said == f"wrong.yaml:{number}: reports.quota_per_month = 'many': Input should be a valid integer\n"


def test_an_effective_value_says_where_it_came_from(casework: Command) -> None:
    code, said, _ = casework("rulebook", "show", "--region", "DE", "--key", "appeals.window", "--json")
    assert code == 0
    (found,) = json.loads(said)
    assert (found["origin"], found["file"]) == ("overlay EU", "EU.yaml")


def test_an_unknown_region_is_one_sentence(casework: Command) -> None:
    code, _, said = casework("rulebook", "show", "--region", "XX")
    assert code == 1
    assert said.count("\n") == 1


def test_the_schema_is_one(casework: Command) -> None:
    code, said, _ = casework("rulebook", "schema")
    assert (code, "$defs" in json.loads(said)) == (0, True)


@pytest.mark.parametrize("kind", ["report", "appeal"])
def test_a_table_is_drawn_and_listed(casework: Command, kind: str) -> None:
    assert casework("states", kind, "--mermaid")[1].startswith("stateDiagram-v2\n")
    assert "a senior moderator" in casework("states", kind)[1]


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("do: report", "do: reprot", "step 1: do:"),
        ("region: VN", "region: XX", "cast.agencies.jade.region:"),
        ("start:", "override: {reports.quota: 1}\nstart:", "override:"),
        ("start:", "rulebook: none\nstart:", "rulebook:"),
    ],
)
def test_a_malformed_scenario_is_named_by_file_step_and_field(
    casework: Command, tmp_path: Path, old: str, new: str, place: str
) -> None:
    file = tmp_path / "story.yaml"
    file.write_text(STORY.replace(old, new), "utf-8")
    code, _, said = casework("rehearse", str(file))
    assert (code, said.count("\n")) == (2, 1)
    assert said.startswith(f"{file}: {place} ")


def test_control_characters_of_others_do_not_reach_the_terminal() -> None:
    from desk.cli.paper import shown

    assert "\x1b" not in shown({"details": "\x1b[2Jgone", "more": ["\x07"]})
