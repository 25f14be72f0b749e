"""The command line against a running engine: started, stopped by Ctrl-C, and started again."""

import asyncio
import re
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from babel.messages.pofile import read_po
from other_build import begun_by_another_build
from outside import alive
from temporalio.client import Client
from terminal import Terminal, family, stop, terminal

from desk.words.catalogue import FOLDER
from workers.converter import converter

REPORT = ("report", "--by", "jan", "--clause", "agency.poaching", "--against", "lotus", "--details", "Jade lost kim.")


@dataclass(frozen=True)
class Lived:
    """An engine that was stopped by Ctrl-C after its first report, and now runs again.

    Meanwhile it was `refused` to another build over what that one would break.
    """

    at: Terminal
    introduction: str
    case: str
    stopped: tuple[int, str]
    left_behind: list[int]
    refused: subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    at = terminal(tmp_path_factory.mktemp("engine"))
    process, introduction = at.start("up")
    case = at.told(*REPORT, "--key", "first")["case"]
    pids = family(process.pid)
    assert len(pids) >= 3
    asyncio.run(_began(at))
    stopped = stop(process, signal.SIGINT)
    left_behind = [pid for pid in pids if alive(pid)]
    (file := at.folder / ".casework" / "build").write_text("another")
    elsewhere = at.environment | {"CASEWORK_TASK_QUEUE": "elsewhere"}
    refused = replace(at, environment=elsewhere).casework("up")
    assert file.read_text() == "another"
    process, _ = at.start("up")
    yield Lived(at, introduction, case, stopped, left_behind, refused)
    assert stop(process, signal.SIGTERM)[0] == 0


async def _began(at: Terminal) -> None:
    """Have another build begin what ours can't go on with."""
    client = await Client.connect(f"127.0.0.1:{at.environment['CASEWORK_TEMPORAL_PORT']}", data_converter=converter)
    await begun_by_another_build(client, "report-odd", "elsewhere")


def test_a_start_introduces_the_cast_and_the_first_commands(engine: Lived) -> None:
    said = [line for line in engine.introduction.splitlines() if "http" in line]
    assert said[0].startswith("The console, in a browser: http://127.0.0.1:")
    assert said[0].endswith("/")
    for word in (
        "senior moderator",
        "http://127.0.0.1:",
        "casework report --by jan",
        "casework queue --by mia",
        "Stop",
    ):
        assert word in engine.introduction


def test_ctrl_c_leaves_no_process_behind(engine: Lived) -> None:
    code, said = engine.stopped
    assert code == 0
    assert "Casework has stopped" in said
    assert engine.left_behind == []


def test_a_build_is_not_started_over_a_case_that_it_would_break(engine: Lived) -> None:
    assert engine.refused.returncode == 1
    for word in ("1 of 1 open workflows (report-odd at event 5)", "go back to", "--accept-broken"):
        assert word in one_sentence(engine.refused)


def test_a_report_lives_through_a_restart_and_is_decided(engine: Lived) -> None:
    at, case = engine.at, engine.case
    assert at.told(*REPORT, "--key", "first")["case"] == case
    waiting = at.told("queue", "--by", "mia")
    assert ([row["id"] for row in waiting["cases"]], waiting["count"], waiting["more"]) == ([case], 1, False)
    assert at.told("queue", "--by", "mia", "--clause", "agency.multi_account")["cases"] == []
    taken = at.told("next", "--by", "mia", "--clause", "agency.poaching", "--clause", "agency.other", "--key", "next")
    assert (taken["case"], taken["status"]) == (case, "claimed")
    assert (
        at.told("next", "--by", "mia", "--clause", "agency.poaching", "--clause", "agency.other", "--key", "next")[
            "case"
        ]
        == case
    )
    assert at.told("queue", "--by", "mia")["cases"] == []
    assert [row["id"] for row in at.told("queue", "--by", "mia", "--claimed-by", "me")["cases"]] == [case]
    verdict = ("--finding", "violation", "--severity", "mild", "--reasons", "The clip shows it.")
    refused = at.refused("decide", case, "--by", "max", *verdict)
    assert refused["code"] == "not_claimed_by_you"
    assert at.refused("decide", case, "--by", "max", *verdict, "--preview")["code"] == "not_claimed_by_you"
    foretold = at.told("decide", case, "--by", "mia", *verdict, "--preview")
    assert [(one["before"], one["after"]) for one in foretold["now"]["scores"]] == [(100, 95)]
    other = at.casework("decide", case, "--by", "mia", *verdict, "--basis", "000000000000")
    assert (other.returncode, other.stderr.partition(":")[0]) == (1, "stale")
    for told in ("100 → 95", "Violation 1 of", "A warning.", "Your report was decided", foretold["basis"]):
        assert told in other.stdout
    assert at.told("decide", case, "--by", "mia", *verdict, "--basis", foretold["basis"])["stage"] == "appealable"
    score = at.told("score", "lotus")
    assert (score["points"], score["ledger"][0]["case"], score["penalties"][0]["key"]) == (95, case, "base.warning")
    (line,) = at.told("verdicts", "lotus", "--by", "ann", "--kind", "base")
    assert (line["case"], line["title"], line["penalties"][0]["text"]) == (case, "Poaching", "A warning.")
    assert at.refused("verdicts", "lotus", "--period", "May")["field"] == "period"
    kim = at.told("creator", "show", "kim", "--by", "ann")
    assert (kim["class"], kim["agency"], kim["agent"]) == ("standard", "lotus", "bob")
    assert at.refused("creator", "show", "kim", "--by", "jan")["code"] == "not_found"
    assert {one["id"] for one in at.told("person", "list", "--by", "ann")["people"]} == {"ann", "lee", "bob", "eve"}
    streamed = ("stream", "--by", "platform", "--creator", "kim", "--day", "2026-03-01=2.5", "--day", "2026-03-02=24")
    at.told(*streamed)
    days = [(one["day"], one["hours"]) for one in at.told("creator", "days", "kim", "--by", "bob")["days"]]
    assert days == [("2026-03-02", "24.00"), ("2026-03-01", "2.50")]
    told = at.told("case", "show", case, "--by", "ann")
    assert (told["allowed"], told["appeal"]["answer"], told["appeals"]) == (["appeal"], "available", [])
    parts = {"case", "allowed", "appeal", "appeals", "again", "filed_again", "summary", "evidence", "timeline"}
    assert told.keys() == parts
    seen = at.casework("case", "show", case, "--by", "ann")
    assert "another agency" in seen.stdout
    assert "clause: Poaching" in seen.stdout
    assert "penalties: A warning" in seen.stdout
    assert "A warning." in at.casework("score", "lotus").stdout
    listed = at.casework("verdicts", "lotus", "--by", "ann").stdout
    assert ("Poaching" in listed, "A warning" in listed, "base." in listed) == (True, True, False)
    assert not {word for word in ("jan", "jade", "Jade", "mia") if word in seen.stdout.replace("jan can", "")}


@pytest.mark.parametrize(
    ("words", "code", "field"),
    [
        (("report", "--by", "jan", "--against", "lotus", "--details", "x"), "invalid", "clause"),
        (("report", "--by", "nobody", *REPORT[3:]), "not_found", "by"),
        (("case", "show", "report-none", "--by", "mia"), "not_found", "case"),
        (("next", "--by", "mia"), "not_found", None),
        (("queue", "--by", "mia", "--claimed-by", "none"), "invalid", "claimed_by"),
        (("queue", "--by", "mia", "--status", "lost"), "invalid", "status"),
        (("queue", "--by", "jan"), "forbidden", "by"),
        (("stream", "--by", "mia", "--creator", "kim", "--days", "1", "--hours", "2"), "forbidden", None),
    ],
)
def test_a_refusal_has_code_and_field(engine: Lived, words: tuple[str, ...], code: str, field: str | None) -> None:
    refused = engine.at.refused(*words)
    assert (refused["code"], refused["field"]) == (code, field)
    assert refused["reason"].endswith(".")


def test_a_refusal_is_told_on_stderr(engine: Lived) -> None:
    done = engine.at.casework("claim", "report-none", "--by", "mia", "--key", "mine")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("not_found: There is no case report-none.")
    assert "key: mine" in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("case", "show", "{case}", "--by", "ann"),
        ("case", "why", "{case}", "--by", "jan"),
        ("queue", "--by", "mia"),
        ("score", "lotus"),
        ("quota", "jade"),
        ("verdicts", "lotus", "--by", "ann"),
        ("set-aside", "{case}", "--by", "sam", "--reasons", "x", "--preview"),
        ("states", "report"),
        ("states", "appeal"),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("language", ["vi", "zh"])
def test_no_table_has_an_english_word_for_who_reads_another_language(
    engine: Lived, words: tuple[str, ...], language: str
) -> None:
    at = replace(engine.at, environment=engine.at.environment | {"LANGUAGE": language, "TZ": "Asia/Ho_Chi_Minh"})
    done = at.casework(*(word.format(case=engine.case) for word in words))
    assert (done.returncode, done.stderr) == (0, "")
    english, theirs = catalogue("en"), catalogue(language)
    differing = {said for key, said in english.items() if theirs[key] != said and "{" not in said}
    assert {cell.strip() for cell in re.split(r"\s{2,}|\n", done.stdout)} & differing == set()
    assert re.search(r"[^\x00-\x7f─…↑→]", done.stdout)
    assert not re.search(r"the reader|\dT\d\d:", done.stdout)


def catalogue(language: str) -> dict[str, str]:
    with (FOLDER / f"{language}.po").open("rb") as file:
        return {str(one.id): str(one.string) for one in read_po(file) if one.id}


def test_everything_is_as_it_must_be(engine: Lived) -> None:
    assert engine.at.told("verify")["clean"]


def test_a_second_engine_on_the_same_data_is_refused(engine: Lived) -> None:
    done = engine.at.casework("up")
    assert done.returncode == 1
    assert "already runs on" in one_sentence(done)


def one_sentence(done: subprocess.CompletedProcess[str]) -> str:
    assert "Traceback" not in done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr
