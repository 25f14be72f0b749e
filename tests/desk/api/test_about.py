"""Whom a case is about, as each side reads it, and whom an agent may name (ruling 17)."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from conftest import agency, creator, feeding, person
from served import Api, served

from desk.door.door import Door
from states.terms import Role
from store import feed
from workers.reach import House

POACHING = {"clause": "agency.poaching", "details": "seen"}


@pytest.fixture(scope="module")
async def api(house: House, door: Door) -> AsyncIterator[Api]:
    async with served(house, door) as made:
        yield made


class Town:
    """Lotus with two agents, and jade, whose agent jim reports; one creator of each, and one who changed over."""

    def __init__(self, api: Api, house: House) -> None:
        self.api, self.house = api, house

    async def settle(self) -> None:
        (self.lotus, self.ann), (self.jade, self.jan) = await agency(self.house), await agency(self.house)
        self.bob, self.eve = [await person(self.house, Role.AGENT, self.lotus) for _ in range(2)]
        self.jim, self.mia = await person(self.house, Role.AGENT, self.jade), await person(self.house, Role.MODERATOR)
        self.kim, self.tom = (
            await creator(self.house, self.lotus, self.bob),
            await creator(self.house, self.lotus, self.eve),
        )
        self.zoe, self.gia = await creator(self.house, self.jade, self.jim), await creator(self.house, self.jade)
        self.free = await creator(self.house)
        with feeding(self.house) as connection:
            feed.management(
                connection, self.zoe, self.lotus, self.bob, since=self.house.clock.now() - timedelta(days=9)
            )
            feed.management(connection, self.zoe, self.jade, self.jim, since=self.house.clock.now() - timedelta(days=5))

    async def report(self, by: str, about: list[str], days: int = 0, against: str | None = None) -> Any:
        occurred = (self.house.clock.now() - timedelta(days=days)).isoformat()
        body = POACHING | {"against": against or self.lotus, "about": about, "occurred": occurred}
        return (await self.api.send(by, "POST", "/reports", body)).json()

    async def about(self, who: str, case: str) -> list[str]:
        """As the case says it, and the list of cases alike."""
        found: list[str] = (await self.api.get(who, f"/cases/{case}")).json()["about"]
        rows = (await self.api.get(who, "/cases")).json()["cases"]
        assert [row["about"] for row in rows if row["id"] == case] == [found]
        return found

    async def filtered(self, who: str, name: str) -> list[str]:
        return [row["id"] for row in (await self.api.get(who, "/cases", creator=name)).json()["cases"]]


@pytest.fixture
async def town(api: Api, house: House) -> Town:
    made = Town(api, house)
    await made.settle()
    return made


async def test_the_respondent_reads_the_creators_that_it_manages_or_managed_when_it_happened(town: Town) -> None:
    named = [town.gia, town.tom, town.zoe, town.kim, town.free]
    now = (await town.report(town.jan, named))["case"]
    then = (await town.report(town.jan, named, days=7))["case"]
    assert await town.about(town.ann, now) == [town.tom, town.kim]
    assert await town.about(town.ann, then) == [town.tom, town.zoe, town.kim]
    for case in (now, then):
        assert await town.about(town.jan, case) == named
        assert (await town.api.get(town.mia, f"/cases/{case}")).json()["about"] == named


async def test_an_agent_who_is_reported_reads_those_whom_this_agent_manages(town: Town) -> None:
    case = (await town.report(town.jan, [town.kim, town.tom, town.gia], against=town.bob))["case"]
    assert await town.about(town.bob, case) == [town.kim]
    assert await town.about(town.ann, case) == [town.kim, town.tom]


async def test_an_appeal_tells_the_respondent_no_more(town: Town) -> None:
    case = (await town.report(town.jan, [town.kim, town.gia]))["case"]
    appeal = (await town.api.send(town.ann, "POST", "/appeals", {"of": case, "grounds": "not us"})).json()["case"]
    assert await town.about(town.ann, appeal) == [town.kim]


async def test_whom_the_respondent_does_not_read_it_does_not_find(town: Town) -> None:
    case = (await town.report(town.jan, [town.kim, town.gia]))["case"]
    assert await town.filtered(town.ann, town.kim) == [case]
    assert await town.filtered(town.ann, town.gia) == []
    assert await town.filtered(town.jan, town.gia) == [case]


async def test_an_agent_names_other_agencies_creators_and_its_own(town: Town) -> None:
    for named in ([town.kim, town.tom, town.free], [town.zoe], [town.zoe, town.kim]):
        assert "case" in await town.report(town.jim, named)
    refused = await town.report(town.jim, [town.kim, town.gia])
    assert (refused["code"], refused["field"]) == ("forbidden", "about")
    assert town.gia in refused["detail"]
    assert "case" in await town.report(town.jan, [town.gia])
