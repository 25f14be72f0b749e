"""Operation on the command line: what a case did, for who runs the engine, for ops and for auditors."""

import csv
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import agency, new, person, send
from other_build import begun_by_another_build
from terminal import Terminal, of_ops

from desk.door.door import Door
from states.terms import Role
from workers.build import build
from workers.reach import House


@pytest.fixture
def at(house: House, tmp_path: Path) -> Terminal:
    return of_ops(house, tmp_path)


async def test_the_history_of_a_case_is_one_story_of_journal_and_temporal(
    house: House, door: Door, at: Terminal
) -> None:
    (_, jan), (lotus, _) = await agency(house, "jade"), await agency(house, "lotus")
    mia, ada = await person(house, Role.MODERATOR), await person(house, Role.AUDITOR)
    case = (await send(door, jan, "report", clause="agency.poaching", against=lotus, details="secret"))["case"]
    await send(door, mia, "claim", case=case)

    told = at.told("history", case)
    assert (told["status"], told["workflow"], len(told["builds"]), told["asked"]) == ("claimed", "running", 1, True)
    assert told == at.told("history", case, "--by", ada)
    assert [(one["lane"], one["what"]) for one in told["story"]] == [
        ("moves", "submit"),
        ("moves", "queue"),
        ("attempts", "commit"),
        ("armed", "overdue"),
        ("moves", "claim"),
        ("attempts", "commit"),
        ("armed", "lease_ran_out"),
    ]
    armed, lease = (one for one in told["story"] if one["lane"] == "armed")
    assert armed["cancelled"] is not None
    assert lease["cancelled"] is None
    assert [(one["status"], one["until"] is None) for one in told["waits"]][-1] == ("claimed", True)
    assert at.refused("history", case, "--by", mia)["code"] == "forbidden"
    shown = at.casework("history", case)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "secret" not in shown.stdout + str(told)

    (submitted,) = (one["at"] for one in told["story"] if one["what"] == "submit")
    then = at.told("history", case, "--at", submitted)
    assert (then["case"]["status"], then["case"]["claimed_by"], then["sealed"]) == ("queued", None, True)
    assert [(one["subject"], one["points"], one["penalties"]) for one in then["sheets"]] == [(lotus, 100, [])]
    assert at.told("score", lotus, "--at", submitted)["points"] == 100
    ahead = (house.clock.now() + timedelta(hours=1)).isoformat()
    refused = at.refused("score", lotus, "--at", ahead)
    assert (refused["code"], refused["field"]) == ("invalid", "at")
    assert at.refused("history", case, "--at", "2026-10-01T00:00:00Z")["code"] == "not_found"


async def test_a_month_is_told_by_region_clause_and_moderator(house: House, door: Door, at: Terminal) -> None:
    (_, jan), (lotus, ann) = await agency(house, "jade"), await agency(house, "lotus")
    mia, sue, ada = [await person(house, role) for role in (Role.MODERATOR, Role.SENIOR_MODERATOR, Role.AUDITOR)]

    async def decided(finding: str, **said: str) -> str:
        case: str = (await send(door, jan, "report", clause="agency.poaching", against=lotus, details="seen"))["case"]
        await send(door, mia, "claim", case=case)
        await send(door, mia, "decide", case=case, finding=finding, reasons="checked", **said)
        return case

    await decided("none")
    for outcome in ("upheld", "overturned"):
        case = await decided("violation", severity="mild")
        appeal = (await send(door, ann, "appeal", of=case, grounds="not us"))["case"]
        await send(door, sue, "claim", case=appeal)
        await send(door, sue, "decide", case=appeal, outcome=outcome, reasons="looked again")

    month = f"{house.clock.now():%Y-%m}"
    told = at.told("report-month", month, "--by", ada)
    rows = {(row["by"], row["key"]): row for row in told["rows"]}
    theirs = rows["moderator", mia]
    counted = {name: theirs[name] for name in theirs if name not in {"by", "key", "hours_median", "hours_90"}}
    assert counted == {
        "decided": 3, "violation": 2, "none": 1, "duplicate": 0,
        "appealed": 2, "upheld": 1, "modified": 0, "overturned": 1, "set_aside": 0,
    }  # fmt: skip
    assert theirs["hours_median"] == 0
    for name in ("decided", "appealed"):
        assert rows["all", None][name] >= rows["clause", "agency.poaching"][name] >= theirs[name]
        assert sum(row[name] for key, row in rows.items() if key[0] == "region") == rows["all", None][name]
    sheet = list(csv.DictReader(at.casework("report-month", month, "--csv").stdout.splitlines()))
    assert [row["decided"] for row in sheet if row["key"] == mia] == ["3"]
    assert at.told("report-month", "2025-01")["rows"][0]["decided"] == 0
    for wrong in ("2026-13", "9999-12", "1899-12"):
        assert at.refused("report-month", wrong)["field"] == "month"
    wrong = at.refused("score", lotus, "--period", "next year")
    assert (wrong["code"], wrong["field"]) == ("invalid", "period")
    assert at.refused("report-month", month, "--zone", "Mars")["field"] == "zone"
    assert at.refused("report-month", month, "--by", mia)["code"] == "forbidden"


async def test_what_this_build_would_break_is_told_before_an_upgrade(house: House, door: Door, at: Terminal) -> None:
    (_, jan), (lotus, _) = await agency(house, "jade"), await agency(house, "lotus")
    case = (await send(door, jan, "report", clause="agency.poaching", against=lotus, details="seen"))["case"]
    told = at.told("replay", case)
    assert (told["replayed"], told["broken"]) == (1, [])
    await begun_by_another_build(house.client, odd := new("report"), queue := new("queue"))
    elsewhere = replace(at, environment=at.environment | {"CASEWORK_TASK_QUEUE": queue})
    told = elsewhere.refused("replay")
    assert (told["build"], [one["workflow"] for one in told["broken"]]) == (build(), [odd])
    assert at.refused("replay", case, "--by", jan)["code"] == "forbidden"
