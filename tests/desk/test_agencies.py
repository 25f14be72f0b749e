"""An agency's verdict history, content verdicts and quota, as each of its readers has them."""

from typing import Any

import pytest
from conftest import agency, creator, person, send

from desk.door.door import Door
from desk.reading.agency import Agencies, Verdicts
from rulebook.terms import PenaltyKind
from states.situation import Actor
from states.terms import Code, RefusedError, Role
from store import party
from store.history import Who
from workers.reach import House


class Town:
    """Jade reports lotus and its agent bob; the platform reports bob's kim and eve's tom; kim's is overturned."""

    def __init__(self, house: House, door: Door) -> None:
        self.house, self.door = house, door
        self.agencies = Agencies(house.engine, house.clock.now)

    async def begin(self) -> None:
        house = self.house
        (self.jade, self.jan), (self.lotus, self.ann) = await agency(house, "jade"), await agency(house, "lotus")
        self.bob, self.eve = await person(house, Role.AGENT, self.lotus), await person(house, Role.AGENT, self.lotus)
        self.kim, self.tom = await creator(house, self.lotus, self.bob), await creator(house, self.lotus, self.eve)
        self.mia, self.sam = await person(house, Role.MODERATOR), await person(house, Role.SENIOR_MODERATOR)
        self.far = await person(house, Role.MODERATOR, region="DE")
        self.poached = await self.found(self.jan, self.lotus, "agency.poaching")
        self.by_bob = await self.found(self.jan, self.bob, "agency.multi_account")
        self.by_kim = await self.found("platform", self.kim, "content.gambling")
        self.by_tom = await self.found("platform", self.tom, "content.vulgar")
        appeal = (await send(self.door, self.kim, "appeal", of=self.by_kim, grounds="a joke"))["case"]
        await send(self.door, self.sam, "claim", case=appeal)
        await send(self.door, self.sam, "decide", case=appeal, outcome="overturned", reasons="it was")

    async def found(self, by: str, against: str, clause: str) -> str:
        case = str((await send(self.door, by, "report", clause=clause, against=against, details="seen"))["case"])
        await send(self.door, self.mia, "claim", case=case)
        await send(self.door, self.mia, "decide", case=case, finding="violation", severity="mild", reasons="clear")
        return case

    def actor(self, name: str) -> Actor:
        with self.house.engine.connect() as connection:
            found = party.actor(connection, name)
        assert found is not None
        return found

    def history(self, reader: str, subject: str, **wanted: Any) -> Verdicts:
        return self.agencies.verdicts(self.actor(reader), subject, **wanted)

    def told_of(self, case: str) -> list[tuple[str, bool, str]]:
        lines = [line for line in self.history(self.ann, self.lotus).lines if line["case"] == case]
        return [(line["clause"], line["stands"], line["appeal"]) for line in lines]

    def cases(self, reader: str, subject: str, **wanted: Any) -> list[str]:
        return [line["case"] for line in self.history(reader, subject, **wanted).lines]


@pytest.fixture(scope="module")
async def town(house: House, door: Door) -> Town:
    made = Town(house, door)
    await made.begin()
    return made


def test_an_owner_reads_the_verdicts_on_agency_agents_and_creators_in_one_list(town: Town) -> None:
    lines = town.history(town.ann, town.lotus).lines
    found = [(line["case"], line["who"], line["respondent"], line["stands"], line["appeal"]) for line in lines]
    assert found == [
        (town.by_tom, "creator", town.tom, True, "none"),
        (town.by_kim, "creator", town.kim, False, "overturned"),
        (town.by_bob, "agent", town.bob, True, "none"),
        (town.poached, "agency", town.lotus, True, "none"),
    ]


def test_each_verdict_has_its_penalties_with_their_texts(town: Town) -> None:
    (line,) = town.history(town.ann, town.lotus, who=Who.AGENCY).lines
    (warning,) = line["penalties"]
    assert (warning["key"], warning["kind"], warning["subject"]) == ("base.warning", "base", town.lotus)
    assert (warning["in_force"], warning["text"].in_language("en")) == (True, "A warning.")


def test_it_is_read_by_kind_of_penalty_by_whom_and_by_period(town: Town) -> None:
    year = f"{town.house.clock.now():%Y}"
    assert town.cases(town.ann, town.lotus, kind=PenaltyKind.BASE) == [town.by_bob, town.poached]
    assert town.cases(town.ann, town.lotus, kind=PenaltyKind.SCORE) == []
    assert town.cases(town.ann, town.lotus, who=Who.CREATOR) == [town.by_tom, town.by_kim]
    assert town.cases(town.ann, town.lotus, name=town.bob) == [town.by_kim, town.by_bob]
    assert len(town.cases(town.ann, town.lotus, period=year)) == 4
    assert town.cases(town.ann, town.lotus, period=f"{int(year) - 1}-03") == []


def test_pages_follow_each_other_and_none_is_empty(town: Town) -> None:
    seen: list[str] = []
    cursor = None
    for _ in range(2):
        page = town.history(town.ann, town.lotus, limit=2, cursor=cursor)
        seen, cursor = [*seen, *(line["case"] for line in page.lines)], page.next
    assert (seen, cursor) == (town.cases(town.ann, town.lotus), None)


def test_an_agent_reads_the_verdicts_on_itself_and_its_creators(town: Town) -> None:
    assert town.cases(town.bob, town.lotus) == [town.by_kim, town.by_bob]
    assert town.cases(town.eve, town.lotus) == [town.by_tom]


def test_an_agent_reads_the_month_of_its_creators_and_the_quota(town: Town) -> None:
    month = f"{town.house.clock.now():%Y-%m}"
    content = town.agencies.content(town.actor(town.eve), town.lotus, month)
    assert [(line["subject"], line["case"]) for line in content.lines] == [(town.tom, town.by_tom)]
    assert len(town.agencies.content(town.actor(town.ann), town.lotus, month).lines) == 2
    assert town.agencies.quota(town.actor(town.bob), town.lotus) == town.agencies.quota(None, town.lotus)


def test_a_creator_reads_its_own_verdicts_and_a_reviewer_of_the_region_all(town: Town) -> None:
    assert town.cases(town.kim, town.kim) == [town.by_kim]
    assert len(town.cases(town.mia, town.lotus)) == 4


@pytest.mark.parametrize("reader", ["jan", "far", "kim"])
def test_whoever_has_nothing_to_do_with_the_agency_does_not_find_it(town: Town, reader: str) -> None:
    with pytest.raises(RefusedError) as refused:
        town.history(getattr(town, reader), town.lotus)
    assert refused.value.code is Code.NOT_FOUND


async def test_a_verdict_that_was_set_aside_says_so_also_beside_the_one_that_came_after_it(
    house: House, door: Door
) -> None:
    town = Town(house, door)
    await town.begin()
    month = f"{house.clock.now():%Y-%m}"
    await send(door, town.sam, "set_aside", case=town.by_tom, reasons="not tom")
    assert town.told_of(town.by_tom) == [("content.vulgar", False, "set_aside")]
    other = await person(house, Role.MODERATOR)
    await send(door, other, "claim", case=town.by_tom)
    await send(door, other, "decide", case=town.by_tom, finding="violation", severity="mild", reasons="tom after all")
    assert sorted(town.told_of(town.by_tom)) == [
        ("content.vulgar", False, "set_aside"),
        ("content.vulgar", True, "none"),
    ]
    assert sorted(line["appeal"] for line in town.agencies.content(town.actor(town.eve), town.lotus, month).lines) == [
        "none",
        "set_aside",
    ]
    appeal = (await send(door, town.tom, "appeal", of=town.by_tom, grounds="not me"))["case"]
    assert [appeal for *_, appeal in sorted(town.told_of(town.by_tom))] == ["set_aside", "under_appeal"]
    sue = await person(house, Role.SENIOR_MODERATOR)
    await send(door, sue, "claim", case=appeal)
    await send(door, sue, "decide", case=appeal, outcome="overturned", reasons="it was not")
    assert sorted(appeal for *_, appeal in town.told_of(town.by_tom)) == ["overturned", "set_aside"]
