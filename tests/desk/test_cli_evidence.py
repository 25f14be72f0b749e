"""Files on the command line: brought with a report, listed with the case, fetched again; a bar where a terminal is."""

import asyncio
import json
import os
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import Any

import files
import pytest
from conftest import agency, feeding, new
from terminal import CASEWORK, Terminal, keys, terminal

from states.terms import Role
from store import feed
from workers.reach import House


@pytest.fixture(scope="module")
def at(house: House, tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    url = house.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    return terminal(
        tmp_path_factory.mktemp("terminal"),
        database_url=url,
        operator="ops",
        temporal_address=house.client.service_client.config.target_host,
        **keys(house),
        evidence_url=house.settings.evidence,
    )


@pytest.fixture(scope="module")
async def cast(house: House) -> dict[str, str]:
    (jade, jan), (lotus, ann), mia = await agency(house, "jade"), await agency(house, "lotus"), new("mia")
    with feeding(house) as connection:
        feed.person(connection, mia, Role.MODERATOR, regions=["VN"])
    return {"jade": jade, "jan": jan, "ann": ann, "lotus": lotus, "mia": mia}


def report(cast: dict[str, str], *evidence: Path) -> tuple[str, ...]:
    said = ("--by", cast["jan"], "--clause", "agency.poaching", "--against", cast["lotus"], "--details", "seen")
    return ("report", *said, *(word for file in evidence for word in ("--evidence", str(file))))


async def test_what_a_report_brings_is_listed_and_fetched_as_it_is_kept(at: Terminal, cast: dict[str, str]) -> None:
    picture, paper, fetched = (at.folder / name for name in ("ảnh.png", "paper.pdf", "fetched"))
    picture.write_bytes(files.picture("PNG"))
    paper.write_bytes(files.pdf())
    words = (*report(cast, picture, paper), "--key", new("key"))
    filed = await asyncio.to_thread(at.told, *words)
    again, bar = await on_a_terminal(at, *words)
    assert again == filed  # the same files under the same key are the same wish
    assert "ảnh.png" in bar

    shown = at.told("case", "show", filed["case"], "--by", cast["mia"])["evidence"]
    assert [(one["name"], one["kind"]) for one in shown] == [("ảnh.png", "image/png"), ("paper.pdf", "application/pdf")]
    assert "paper.pdf" in at.casework("case", "show", filed["case"], "--by", cast["mia"]).stdout
    fetch = ("evidence", filed["case"], shown[1]["id"], "--output", str(fetched))
    assert at.told(*fetch, "--by", cast["mia"])["name"] == "paper.pdf"
    assert fetched.read_bytes() == paper.read_bytes()
    fetched.write_text("mine")
    assert at.refused(*fetch, "--by", cast["ann"])["code"] == "not_found"
    assert fetched.read_text() == "mine"


def test_a_file_that_is_not_taken_is_named_and_nothing_is_sent(at: Terminal, cast: dict[str, str]) -> None:
    bad = at.folder / "notes.txt"
    bad.write_text("They offered our creator money.")
    before = at.told("quota", cast["jade"])["left"]
    refused = at.refused(*report(cast, bad))
    assert (refused["code"], refused["field"], str(bad) in refused["reason"]) == ("invalid", str(bad), True)
    assert at.told("quota", cast["jade"])["left"] == before
    missing = at.casework(*report(cast, at.folder / "nowhere.png"))
    assert (missing.returncode, "nowhere.png" in missing.stderr) == (2, True)


async def on_a_terminal(at: Terminal, *words: str) -> tuple[Any, str]:
    """What a command answers in JSON while its stderr is a terminal, and what that shows."""
    ours, theirs = os.openpty()
    process = await asyncio.create_subprocess_exec(
        CASEWORK, *words, "--json", cwd=at.folder, env=at.environment | {"TERM": "xterm"}, stdout=PIPE, stderr=theirs
    )
    out, _ = await process.communicate()
    os.close(theirs)
    bar = os.read(ours, 65_536).decode()
    os.close(ours)
    return json.loads(out), bar
