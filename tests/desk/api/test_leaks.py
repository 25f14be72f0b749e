"""What nobody may learn on the way: of the other side, of the agency, of what is to come."""

import re
from collections.abc import AsyncIterator

import pytest
from conftest import agency, feeding, new, person
from served import Api, served

from desk.door.door import Door
from rulebook.terms import CreatorClass
from states.terms import Role
from store import feed
from store.cursor import Cursor
from store.party import Profile
from workers.reach import House

POACHING = {"clause": "agency.poaching", "details": "They offered our creator money."}


@pytest.fixture(scope="module")
async def api(house: House, door: Door) -> AsyncIterator[Api]:
    async with served(house, door) as made:
        yield made


async def filed(api: Api, by: str, against: str, **more: str) -> str:
    answer = await api.send(by, "POST", "/reports", POACHING | {"against": against} | more)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["case"])


async def test_a_reporter_learns_nothing_of_a_held_appeal(api: Api, house: House) -> None:
    (lotus, ann), (_, jan) = await agency(house), await agency(house)
    report = await filed(api, jan, lotus)

    async def answers() -> list[object]:
        refused = await api.send(jan, "POST", "/appeals", {"of": report, "grounds": "me too"})
        seen, asked = await api.get(jan, f"/cases/{report}"), await api.get(jan, f"/cases/{report}/appeal")
        moves = await api.get(jan, f"/cases/{report}/moves")
        return [refused.json(), seen.json(), asked.json(), moves.json()]

    before = await answers()
    appeal = await api.send(ann, "POST", "/appeals", {"of": report, "grounds": "not us"})
    assert appeal.status_code == 201
    assert await answers() == before
    assert (await api.get(ann, f"/cases/{report}/appeal")).json()["reason"] == "already_appealed"


async def test_an_agent_does_not_learn_the_agencys_score(api: Api, house: House) -> None:
    (lotus, ann), (_, jan) = await agency(house), await agency(house)
    mia = await person(house, Role.MODERATOR)
    bob = new("bob")
    with feeding(house) as connection:
        feed.person(connection, bob, Role.AGENT, agency=lotus)
    reports = [await filed(api, jan, against) for against in (lotus, bob)]
    for report in reports:
        await api.move(mia, report, "claim")
        await api.move(mia, report, "decide", finding="violation", severity="mild", reasons="clear")
    owners = (await api.get(ann, f"/cases/{reports[1]}/timeline")).json()["entries"]
    agents = (await api.get(bob, f"/cases/{reports[1]}/timeline")).json()["entries"]
    assert any(entry["facts"].get("score") == 90 for entry in owners)
    assert not any({"score", "repriced"} & entry["facts"].keys() for entry in agents)
    told = (await api.get(bob, "/notices")).json()["notices"]
    assert {one["template"] for one in told} == {"verdict.violation"}
    assert not any(re.search(r"score|—", one["body"]) for one in told)
    assert any(re.search(r"is\s+now 90", one["body"]) for one in (await api.get(ann, "/notices")).json()["notices"])


def numbered(sort: str, number: int) -> str:
    return Cursor(sort, None, str(number)).opaque()


async def test_the_pages_of_penalties_count_ones_own(api: Api, house: House) -> None:
    agencies = [await agency(house) for _ in range(2)]
    mia = await person(house, Role.MODERATOR)
    for (against, _), (_, by) in [agencies, agencies[::-1], agencies]:
        report = await filed(api, by, against)
        await api.move(mia, report, "claim")
        await api.move(mia, report, "decide", finding="violation", severity="mild", reasons="clear")
    lotus, ann = agencies[0]
    first = (await api.get(ann, f"/subjects/{lotus}/penalties", limit=2)).json()
    assert [(one["key"], one["number"]) for one in first["penalties"]] == [("base.warning", 2), ("base.warning", 1)]
    assert not any("id" in one for one in first["penalties"])
    assert first["next"] is None
    assert (await api.get(ann, f"/subjects/{lotus}/penalties", limit=1)).json()["next"] == numbered("-number", 2)
    over = await api.get(ann, f"/subjects/{lotus}/penalties", cursor=numbered("-number", 1))
    assert (over.json()["penalties"], over.json()["next"]) == ([], None)


async def test_a_respondent_is_not_told_in_which_language_it_was_reported(api: Api, house: House) -> None:
    (lotus, ann), (_, jan) = await agency(house), await agency(house)
    report = await filed(api, jan, lotus, language="th")
    assert (await api.get(jan, f"/cases/{report}")).json()["language"] == "th"
    assert "language" not in (await api.get(ann, f"/cases/{report}")).json()
    appeal = (await api.send(ann, "POST", "/appeals", {"of": report, "grounds": "not us"})).json()["case"]
    assert "language" not in (await api.get(ann, f"/cases/{appeal}")).json()
    assert all("language" not in case for case in (await api.get(ann, "/cases")).json()["cases"])


async def test_a_hidden_case_is_as_one_that_is_not_there(api: Api, house: House) -> None:
    (lotus, ann), (_, jan), (_, eve) = [await agency(house) for _ in range(3)]
    report = await filed(api, jan, lotus)
    appeal = (await api.send(ann, "POST", "/appeals", {"of": report, "grounds": "not us"})).json()["case"]
    for hidden, absent in ((report, "report-" + "0" * 20), (appeal, "appeal-" + "0" * 20)):
        for said in ({"finding": "none"}, {"outcome": "upheld"}):
            answers = [
                (await api.move(eve, case, "decide", reasons="so", **said)).text.replace(case, "…")
                for case in (hidden, absent)
            ]
            assert answers[0] == answers[1]


async def test_who_will_manage_a_creator_changes_nothing_today(api: Api, house: House) -> None:
    (lotus, ann), (jade, _) = await agency(house), await agency(house)
    kim, mia = new("kim"), await person(house, Role.MODERATOR)
    with feeding(house) as connection:
        feed.creator(connection, kim, "VN", Profile(CreatorClass.STANDARD, 1, 0, 0))
        feed.management(connection, kim, lotus, None)
    seen = {"clause": "content.gambling", "against": kim, "details": "seen", "severity": "mild"}
    report = (await api.send("platform", "POST", "/violations", seen)).json()["case"]
    await api.move(mia, report, "claim")
    await api.move(mia, report, "decide", finding="violation", reasons="clear")
    later = {"agency": jade, "since": "2099-01-01T00:00:00Z"}
    assert (await api.send("platform", "PUT", f"/creators/{kim}/management", later)).status_code == 200
    assert len((await api.get(ann, f"/subjects/{kim}/ledger")).json()["lines"]) == 1
    refused = await api.get(ann, f"/subjects/{kim}/ledger", period="2026")
    assert (refused.status_code, refused.json()["field"]) == (404, "period")
