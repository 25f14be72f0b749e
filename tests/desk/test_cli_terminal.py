"""What the command line prints: it fails by no locale and no reader who leaves, steers no terminal, and says its zone."""

import json
import os
import re
import subprocess
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from conftest import agency, feeding, new, person, send
from terminal import CASEWORK, Terminal, keys, terminal

from desk.door.door import Door
from rulebook.characters import shown
from states.terms import Role
from store import feed, preference
from store.preference import Preference
from workers.reach import House

DETAILS = "kim \u202eevil\u2066 đã mất 主播 👩\u200d👩\u200d👧"
STORY = Path(__file__).parents[2] / "scenarios" / "withdraw.yaml"
C = {"LC_ALL": "C"}
ASCII = {"PYTHONIOENCODING": "ascii"}
BARE = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
VIETNAMESE = {"LANGUAGE": "vi", "LANG": "vi_VN"} | ASCII
# fmt: off
# One of each way in which something is printed: help, drawing, page, table, letter, JSON, line.
COMMANDS = [
    "--help", "states report", "rulebook schema", "rulebook check {rulebook}", "case show {case} --by {mia}",
    "queue --by {mia}", "queue --by {mia} --json", "quota {jade}",
]
# fmt: on


@pytest.fixture(scope="module")
def at(house: House, tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    url = house.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    made = terminal(tmp_path_factory.mktemp("terminal"), database_url=url, operator="ops", **keys(house))
    unset = {"TZ", "LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES"}
    return replace(made, environment={name: value for name, value in made.environment.items() if name not in unset})


@pytest.fixture(scope="module")
async def cast(house: House, door: Door) -> dict[str, str]:
    """A claimed report whose reporter's words turn the direction, and one that waits; who claimed it, and the parties."""
    (jade, jan), (lotus, _), mia = await agency(house, "jade"), await agency(house, "lotus"), new("mia")
    with feeding(house) as connection:
        feed.person(connection, mia, Role.MODERATOR, regions=["VN"])
    said = {"clause": "agency.poaching", "against": lotus, "details": DETAILS}
    case = (await send(door, jan, "report", **said))["case"]
    await send(door, mia, "claim", case=case)
    await send(door, jan, "report", **said)
    book = Path(__file__).parents[2] / "rulebook" / "data" / "live"
    return {"jade": jade, "jan": jan, "lotus": lotus, "mia": mia, "case": case, "rulebook": str(book)}


def at_zone(at: Terminal, words: str, cast: Mapping[str, str], zone: Mapping[str, str]) -> str:
    """What a command says where the zone is set so, or not at all."""
    done = replace(at, environment={**at.environment, **zone}).casework(*words.format(**cast).split())
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def spoken(at: Terminal, words: str, cast: Mapping[str, str], environment: dict[str, str]) -> tuple[int, str, str]:
    """Run the command itself; give its code and what it said."""
    typed = [CASEWORK, *words.format(**cast).split()]
    done = subprocess.run(typed, cwd=at.folder, env=at.environment | environment, capture_output=True, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


@pytest.mark.parametrize("words", COMMANDS)
def test_a_reader_who_leaves_is_no_failure(at: Terminal, cast: dict[str, str], words: str) -> None:
    typed = [CASEWORK, *words.format(**cast).split()]
    ours, theirs = os.pipe()
    os.close(ours)  # nobody reads
    with os.fdopen(theirs, "wb") as pipe:
        done = subprocess.run(
            typed, cwd=at.folder, env=at.environment, stdout=pipe, stderr=subprocess.PIPE, check=False
        )
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_refusal_stays_one_when_its_reader_leaves(at: Terminal, cast: dict[str, str]) -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    with os.fdopen(theirs, "wb") as pipe:
        words = [CASEWORK, "case", "show", "report-none", "--by", cast["mia"], "--json"]
        done = subprocess.run(words, cwd=at.folder, env=at.environment, stdout=pipe, stderr=pipe, check=False)
    assert done.returncode == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
@pytest.mark.parametrize("words", ["queue --by {mia}", "case show {case} --by {mia} --json", "states report", "--help"])
def test_an_output_that_is_full_takes_one_sentence(at: Terminal, cast: dict[str, str], words: str) -> None:
    typed = [CASEWORK, *words.format(**cast).split()]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            typed, cwd=at.folder, env=at.environment, stdout=full, stderr=subprocess.PIPE, check=False
        )
        silent = subprocess.run(typed, cwd=at.folder, env=at.environment, stdout=full, stderr=full, check=False)
    assert (done.returncode, done.stderr) == (1, b"The output can't be written: No space left on device.\n")
    assert silent.returncode == 1


@pytest.mark.parametrize(
    ("words", "environment"),
    [
        *(("case show {case} --by {mia}", environment) for environment in (C, ASCII, BARE, VIETNAMESE)),
        *((words, BARE) for words in ("queue --by {mia}", "states report", "--help")),
        ("states report", VIETNAMESE),
    ],
    ids=str,
)
def test_no_locale_stops_the_command_line(
    at: Terminal, cast: dict[str, str], words: str, environment: dict[str, str]
) -> None:
    code, said, wrong = spoken(at, words, cast, environment)
    assert (code, wrong) == (0, "")
    assert said


@pytest.mark.parametrize("environment", [{}, C, ASCII, BARE], ids=str)
def test_json_is_json_in_every_locale(at: Terminal, cast: dict[str, str], environment: dict[str, str]) -> None:
    code, said, _ = spoken(at, "case show {case} --by {mia} --json", cast, environment)
    assert code == 0
    assert said == shown(said)
    assert json.loads(said)["timeline"][0]["texts"]["details"] == DETAILS


def test_words_that_turn_the_direction_are_shown_as_what_they_are(at: Terminal, cast: dict[str, str]) -> None:
    _, said, _ = spoken(at, "case show {case} --by {mia}", cast, {})
    assert said == shown(said)
    assert "kim \\u202eevil\\u2066 đã mất 主播" in said


def test_a_name_from_before_names_were_checked_steers_nothing(house: House, at: Terminal) -> None:
    name = new("\x1b[2J\x9bkim\u202e")
    with feeding(house) as connection:
        feed.agency(connection, name, "VN")
    for words in (("score", name), ("quota", name), ("score", name, "--json"), ("quota", name, "--by", name)):
        done = at.casework(*words)
        assert done.stdout + done.stderr == shown(done.stdout + done.stderr)
        assert "kim" in done.stdout + done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("case", "show", "caf\udced\udca0\udc80", "--by", "mia"),
        ("queue", "--by", "caf\udcff"),
        ("report", "--by", "mia", "--details", "\udcff"),
        ("account", "set", "\udcff"),
        ("key", "create", "\udcff", "--label", "x", "--scope", "read", "--platform"),
    ],
)
def test_a_word_that_is_no_text_is_refused(at: Terminal, words: tuple[str, ...]) -> None:
    done = subprocess.run([CASEWORK, *words], cwd=at.folder, env=at.environment, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode().endswith("is not UTF-8 text.\n")


def test_a_word_is_the_same_however_it_was_composed(house: House, at: Terminal) -> None:
    name = new("Bích-Ngọc")
    with feeding(house) as connection:
        feed.agency(connection, name, "VN")
    for environment in ({}, BARE):
        words = f"score {unicodedata.normalize('NFD', name)} --json"
        assert json.loads(spoken(at, words, {}, environment)[1])["subject"] == name


def offsets(said: str) -> set[str]:
    """The offsets of all times in a text; one without is `none`."""
    found = re.findall(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}(?::\d{2})?(\S*| UTC)", said)
    return {offset or "none" for offset in found}


async def test_times_are_those_of_the_region_unless_the_reader_says_otherwise(
    house: House, at: Terminal, cast: dict[str, str]
) -> None:
    show, far = "case show {case} --by {mia}", await person(house, Role.AUDITOR)
    assert offsets(at_zone(at, show, cast, {})) == {"+07:00"}
    assert offsets(at_zone(at, "queue --by {mia}", cast, {})) == {"+07:00"}
    assert offsets(at_zone(at, show, cast | {"mia": far}, {})) == {"+07:00"}
    assert offsets(at_zone(at, show, cast, {"TZ": "Asia/Kolkata"})) == {"+05:30"}
    assert offsets(at_zone(at, show, cast, {"TZ": "/etc/localtime"})) == {"+07:00"}
    with house.engine.begin() as connection:
        preference.write(connection, far, Preference(zone="America/New_York"))
    assert offsets(at_zone(at, show, cast | {"mia": far}, {})) <= {"-04:00", "-05:00"}
    assert offsets(at_zone(at, show, cast | {"mia": far}, {"TZ": "UTC"})) == {"+00:00"}
    quota = at_zone(at, "quota {jade}", cast, {})
    assert "GMT+07:00" in quota


async def test_a_time_in_json_says_its_zone(at: Terminal, cast: dict[str, str]) -> None:
    told = at.told("case", "show", cast["case"], "--by", cast["mia"])
    assert datetime.fromisoformat(told["case"]["filed_at"]).utcoffset() is not None
