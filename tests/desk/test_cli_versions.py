"""Versions of the rulebook on the command line: proposed from files, approved by another, withdrawn."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import person
from terminal import Terminal, of_ops

from rulebook.load import BUNDLED, LIVE, load
from states.terms import Role
from workers.reach import House


@pytest.fixture
def at(house: House, tmp_path: Path) -> Terminal:
    return of_ops(house, tmp_path)


async def test_a_version_is_proposed_from_its_files_and_moved_by_the_beginning_of_its_digest(
    house: House, at: Terminal
) -> None:
    edith, ada = await person(house, Role.POLICY_EDITOR), await person(house, Role.POLICY_APPROVER)
    folder = Path(shutil.copytree(BUNDLED / LIVE, at.folder / "book"))
    base = (folder / "base.yaml").read_text("utf-8")
    later = (house.clock.now() + timedelta(days=30)).isoformat()
    proposing = ("rulebook", "propose", str(folder), "--by", edith, "--reasons", "New texts.", "--from", later)

    (folder / "base.yaml").write_text(base.replace("version: 3", "version: three"), "utf-8")
    refused = at.refused(*proposing)
    assert (refused["code"], refused["field"]) == ("invalid", "files")
    assert [fault["file"] for fault in refused["facts"]["faults"]] == ["base.yaml"]

    (folder / "base.yaml").write_text(base.replace("version: 3", "version: 5"), "utf-8")
    assert at.refused(*proposing, "--pace", "0")["field"] == "pace"
    assert at.refused(*proposing, "--region", "DE=soon")["field"] == "regions"
    for wrong in (("--region", "DE"), ("--region", f"DE={later}", "--region", f"DE={later}")):
        assert at.casework(*proposing, *wrong).returncode == 2
    known = [one["version"]["digest"] for one in at.told("rulebook", "history")]
    assert load(folder).digest not in known  # what was refused has entered no draft
    proposed = at.told(*proposing, "--region", f"DE={later}", "--pace", "50")
    assert (proposed["status"], proposed["moves"]) == ("proposed", 2)
    beginning = proposed["version"][:12]
    assert at.refused("rulebook", "forecast", LIVE)["code"] == "not_found"
    forecast = at.told("rulebook", "forecast", beginning)
    assert (forecast["number"], forecast["hit"], forecast["subjects"]) == (2, 0, [])  # nothing but its number differs
    assert at.told("rulebook", "approve", beginning, "--by", ada)["status"] == "approved"
    assert at.told("rulebook", "withdraw", beginning, "--by", edith)["status"] == "withdrawn"
