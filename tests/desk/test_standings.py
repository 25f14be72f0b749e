"""Who is near a line, to each of an agency's people; and how many clean days bring points back."""

from datetime import timedelta
from decimal import Decimal
from itertools import cycle
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from conftest import agency, creator, feeding, person, send

from desk.demo import cast
from desk.door.door import Door
from desk.reading.standing import AgentStands, Order
from desk.reading.standings import Standings, Stands
from rulebook import recovery
from rulebook.calendar import LIFE, local_day
from rulebook.scheme import Recovery
from rulebook.terms import CreatorClass
from states.terms import Code, RefusedError, Role
from store import feed, ledger, party
from store.party import Profile
from workers.reach import House


class Town:
    """Lotus has bob with kim and tom, and eve with lia; kim lost 13 points a time, tom streamed on clean days."""

    def __init__(self, house: House, door: Door) -> None:
        self.house, self.door = house, door
        self.read = Standings(house.engine, house.clock.now)

    async def begin(self) -> None:
        house = self.house
        (self.jade, self.jan), (self.lotus, self.ann) = await agency(house, "jade"), await agency(house, "lotus")
        self.lee = await person(house, Role.TEAM_LEAD, self.lotus)
        self.bob, self.eve = await person(house, Role.AGENT, self.lotus), await person(house, Role.AGENT, self.lotus)
        self.kim, self.tom = await creator(house, self.lotus, self.bob), await creator(house, self.lotus, self.bob)
        self.lia, self.joe = await creator(house, self.lotus, self.eve), await creator(house, self.jade)
        self.mia, self.far = await person(house, Role.MODERATOR), await person(house, Role.MODERATOR, region="DE")
        with feeding(house) as connection:
            feed.creator(connection, self.kim, cast.REGION, Profile(CreatorClass.STANDARD, 3, 20_000_000, 0))
        for _ in range(2):
            await self.found(self.kim, "moderate")
        await self.found(self.tom, "mild")
        await send(self.door, "platform", "report", clause="content.vulgar", against=self.lia, details="seen")
        await send(self.door, self.jan, "report", clause="agency.poaching", against=self.bob, details="seen")

    async def found(self, against: str, severity: str) -> None:
        said = {"clause": "content.gambling", "against": against, "details": "seen"}
        case = (await send(self.door, "platform", "report", **said))["case"]
        await send(self.door, self.mia, "claim", case=case)
        await send(self.door, self.mia, "decide", case=case, finding="violation", severity=severity, reasons="clear")

    def seen(self, reader: str | None, **asked: Any) -> Stands:
        with self.house.engine.connect() as connection:
            actor = party.actor(connection, reader) if reader else None
        return self.read.of(actor, self.lotus, **asked)

    def names(self, reader: str, **asked: Any) -> list[str]:
        return [one.id for one in self.seen(reader, **asked).creators]


@pytest.fixture(scope="module")
async def town(house: House, door: Door) -> Town:
    made = Town(house, door)
    await made.begin()
    return made


def test_who_is_next_to_a_line_comes_first_with_the_distance(town: Town) -> None:
    kim, tom, lia = town.seen(town.ann).creators
    assert (kim.id, kim.score, kim.tier, kim.next_in) == (town.kim, 82, None, 13)
    assert (tom.id, tom.score, tom.next_in, tom.open, tom.recovers_in) == (town.tom, 99, 30, 1, 5)
    assert (lia.id, lia.score, lia.next_in, lia.open, lia.recovers_in) == (town.lia, 100, 31, 1, None)


def test_creators_come_in_the_order_asked_for_in_pages(town: Town) -> None:
    kim, tom, lia = town.kim, town.tom, town.lia
    orders = {order: town.names(town.ann, order=order) for order in Order}
    assert orders[Order.SCORE] == [kim, tom, lia]
    assert orders[Order.OPEN] == [kim, tom, lia]
    assert orders[Order.RECOVERY] == [kim, tom, lia]
    assert orders[Order.NAME] == sorted([kim, tom, lia])
    first = town.seen(town.ann, limit=2)
    assert [one.id for one in first.creators] == [kim, tom]
    assert town.names(town.ann, limit=2, cursor=first.next) == [lia]
    assert town.names(town.ann, agent=town.eve) == [lia]
    with pytest.raises(RefusedError) as refused:
        town.seen(town.ann, order=Order.SCORE, cursor=first.next)
    assert (refused.value.code, refused.value.field) == (Code.INVALID, "cursor")


def test_an_agent_is_as_near_as_the_nearest_of_its_creators(town: Town) -> None:
    # Three open cases of bob's creators, and one against bob.
    bob = AgentStands(town.bob, score=82, next_in=13, open=4, recovers_in=5, creators=2)
    eve = AgentStands(town.eve, score=100, next_in=31, open=1, recovers_in=None, creators=1)
    assert town.seen(town.ann).agents == [bob, eve]


async def test_agents_come_in_the_order_asked_for_and_those_without_creators_last(town: Town) -> None:
    idle = await person(town.house, Role.AGENT, town.lotus)
    for _ in range(5):
        await send(town.door, town.jan, "report", clause="agency.poaching", against=idle, details="seen")
    orders = {order: [one.id for one in town.seen(town.ann, order=order).agents] for order in Order}
    near = [town.bob, town.eve, idle]
    assert orders == {
        Order.NEAR: near,
        Order.SCORE: near,
        Order.OPEN: [idle, town.bob, town.eve],
        Order.RECOVERY: near,
        Order.NAME: sorted(near),
    }


def test_leads_and_staff_see_all_an_agent_its_own_and_nobody_else_anything(town: Town) -> None:
    everyone = town.names(town.ann)
    assert everyone == town.names(town.lee) == town.names(town.mia) == [one.id for one in town.seen(None).creators]
    assert town.names(town.bob) == [town.kim, town.tom]
    assert [one.id for one in town.seen(town.eve).agents] == [town.eve]
    for reader in (town.jan, town.far, town.kim, town.joe):
        with pytest.raises(RefusedError) as refused:
            town.seen(reader)
        assert refused.value.code is Code.NOT_FOUND


def days_of(days: int, points: int = 1) -> Recovery:
    return Recovery(points=points, days=days, hours=Decimal(2), illustrative=True)


def test_clean_days_are_those_of_the_rulebook(town: Town) -> None:
    """They are counted as `rulebook/recovery.py` does, in two zones that a day stands between."""
    today, hours = town.house.clock.now().date(), map(Decimal, cycle(["3.5", "1.99", "2", "24", "0.5"]))
    days = dict(zip((today + timedelta(days=1 - n) for n in range(60)), hours, strict=False))
    with feeding(town.house) as connection:
        for day, streamed in days.items():
            feed.streamed(connection, town.kim, day, streamed)
    score = (town.kim, "creator_health", LIFE)
    with town.house.engine.connect() as connection:
        at = [line["at"] for line in ledger.lines(connection, *score).rows]
        for zone in map(ZoneInfo, ("Pacific/Kiritimati", "America/Los_Angeles")):
            never = recovery.gains(days.items(), {local_day(one, zone) for one in at}, lambda _: days_of(99))
            since = ledger.since_gain(connection, {score: zone})
            clean = [row.day for row in since if row.hours >= 2 and not row.violations]
            assert len(clean) == never.since, zone


def test_whoever_has_more_clean_days_than_a_newer_version_asks_misses_one() -> None:
    assert [recovery.missing(clean, days_of(5)) for clean in (0, 1, 4, 5, 9)] == [5, 4, 1, 1, 1]
