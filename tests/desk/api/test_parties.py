"""Who is there, as a list and one by one; what the platform fed is read back, and a creator's card by who sees its score."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from conftest import agency, creator, feeding, new, person
from served import Api, served

from desk.door.door import Door
from rulebook.terms import CreatorClass
from states.terms import Role
from store import feed
from store.party import Profile
from workers.reach import House

SINCE = "2026-02-01T00:00:00+00:00"


@pytest.fixture(scope="module")
async def api(house: House, door: Door) -> AsyncIterator[Api]:
    async with served(house, door) as made:
        yield made


@dataclass
class Lotus:
    """Lotus has ann, lee, bob and eve; bob manages kim, eve tom, nobody zoe; joe is jade's."""

    house: House
    api: Api

    async def begin(self) -> None:
        house = self.house
        self.lotus, self.ann = await agency(house, "lotus")
        self.jade, self.jan = await agency(house, "jade")
        self.lee = await person(house, Role.TEAM_LEAD, self.lotus)
        self.bob, self.eve = [await person(house, Role.AGENT, self.lotus) for _ in "12"]
        self.kim, self.tom = [await creator(house, self.lotus, agent) for agent in (self.bob, self.eve)]
        self.auditor = await person(house, Role.AUDITOR)
        self.zoe, self.joe = [await creator(house, of) for of in (self.lotus, self.jade)]

    async def got(self, who: str, path: str, **query: Any) -> Any:
        answer = await self.api.get(who, path, **query)
        return answer.json() if answer.status_code == 200 else answer.status_code

    async def whole(self, who: str, path: str) -> list[dict[str, Any]]:
        """Every row of a list, page after page: other tests fill the house, too."""
        page = await self.got(who, path, limit=100)
        found = page[path[1:]]
        while page["next"] is not None:
            page = await self.got(who, path, limit=100, cursor=page["next"])
            found += page[path[1:]]
        return list(found)


@pytest.fixture(scope="module")
async def town(house: House, api: Api) -> Lotus:
    made = Lotus(house, api)
    await made.begin()
    return made


def names(rows: list[dict[str, Any]]) -> set[str]:
    return {row["id"] for row in rows}


async def put(api: Api, path: str, said: Any) -> None:
    answer = await api.send("platform", "PUT", path, said)
    assert answer.status_code == 200, answer.text


async def test_the_creators_of_an_agency_are_listed_for_who_sees_their_scores(town: Lotus) -> None:
    own = {town.kim, town.tom, town.zoe}
    for who, expected in (
        (town.ann, own), (town.lee, own), (town.bob, {town.kim}), (town.eve, {town.tom}), (town.kim, {town.kim}),
        (town.jan, {town.joe}),
    ):  # fmt: skip
        assert names((await town.got(who, "/creators"))["creators"]) == expected, who
    assert names((await town.got(town.ann, "/creators", agent=town.bob))["creators"]) == {town.kim}
    assert (await town.got(town.jan, "/creators", agency=town.lotus))["creators"] == []
    assert names((await town.got("platform", "/creators", agency=town.lotus))["creators"]) == own
    assert names((await town.got("mia", "/creators", agency=town.jade))["creators"]) == {town.joe}


async def test_a_creator_s_card_says_what_it_is_and_who_manages_it_since_when(town: Lotus) -> None:
    card = {
        "region": "VN",
        "class": "quality",
        "level": 2,
        "followers": 250_000,
        "average_viewers": 900,
        "since": SINCE,
    }
    await put(town.api, f"/creators/{town.kim}", card)
    await put(town.api, f"/creators/{town.kim}/management", {"agency": town.lotus, "agent": town.bob, "since": SINCE})
    expected = {"id": town.kim, **card, "agency": town.lotus, "agent": town.bob, "managed_since": SINCE}
    for who in ("platform", town.ann, town.bob, town.kim, "mia", town.auditor):
        assert await town.got(who, f"/creators/{town.kim}") == expected, who
    for who in (town.eve, town.jan, town.joe):
        assert await town.got(who, f"/creators/{town.kim}") == 404
    assert await town.got("platform", f"/creators/{town.lotus}") == 404  # no creator
    ever = await town.got(town.ann, f"/creators/{town.zoe}")
    assert (ever["since"], ever["managed_since"], ever["agent"]) == (None, None, None)


async def test_who_manages_a_creator_no_more_has_it_in_no_list(town: Lotus) -> None:
    with feeding(town.house) as connection:
        feed.management(connection, moved := await creator(town.house, town.lotus, town.bob), town.jade, None,
                        town.house.clock.now())  # fmt: skip
    for who in (town.ann, town.bob):
        assert moved not in names((await town.got(who, "/creators"))["creators"])
    assert moved in names((await town.got(town.jan, "/creators"))["creators"])


async def test_the_people_of_an_agency_are_listed_for_its_leads(town: Lotus) -> None:
    gone = await person(town.house, Role.AGENT, town.lotus)
    await town.api.send("platform", "DELETE", f"/people/{gone}")
    everybody = {town.ann, town.lee, town.bob, town.eve}
    for who in (town.ann, town.lee):
        assert names((await town.got(who, "/people"))["people"]) == everybody
    (left,) = (await town.got(town.ann, "/people", ended=True))["people"]
    assert (left["id"], left["ended_at"] is not None) == (gone, True)
    assert (await town.got(town.jan, "/people", agency=town.lotus))["people"] == []
    assert names((await town.got("platform", "/people", agency=town.lotus))["people"]) == everybody
    assert await town.got(town.jan, f"/people/{town.bob}") == 404
    assert [await town.got(who, "/people") for who in (town.bob, town.kim, "mia")] == [403, 403, 403]


async def test_what_was_fed_is_read_back_by_who_fed_it(town: Lotus) -> None:
    mia, lily = new("mia"), new("lily")
    await put(town.api, f"/people/{mia}", {"role": "moderator", "regions": ["VN", "DE"], "languages": ["vi"]})
    assert await town.got("platform", f"/people/{mia}") == {
        "id": mia, "role": "moderator", "agency": None, "regions": ["DE", "VN"], "languages": ["vi"],
        "since": None, "ended_at": None,
    }  # fmt: skip
    await put(town.api, f"/people/{mia}", {"role": "moderator", "regions": ["VN"], "languages": []})
    assert (await town.got("platform", f"/people/{mia}"))["languages"] == []
    assert await town.got("platform", f"/agencies/{town.lotus}") == {"id": town.lotus, "region": "VN"}
    facts = {"class": "standard", "level": 1, "followers": 10, "average_viewers": 1}
    await put(town.api, f"/creators/{lily}", {"region": "VN", **facts})
    await put(town.api, f"/creators/{lily}", {"region": "VN", **facts, "level": 3, "since": SINCE})
    assert (await town.got("platform", f"/creators/{lily}/facts"))["facts"] == [
        {**facts, "level": 3, "since": SINCE},
        {**facts, "since": None},
    ]
    await put(town.api, f"/creators/{lily}/management", {"agency": town.lotus, "agent": town.bob, "since": SINCE})
    assert (await town.got("platform", f"/creators/{lily}/management"))["management"] == [
        {"agency": town.lotus, "agent": town.bob, "since": SINCE}
    ]
    days = [{"day": "2026-03-01", "hours": 2.5}, {"day": "2026-03-02", "hours": 24}]
    answer = await town.api.send("platform", "POST", f"/creators/{lily}/streaming-days", {"dates": days})
    assert answer.status_code == 200, answer.text
    for who in ("platform", town.bob, town.ann, lily):
        assert (await town.got(who, f"/creators/{lily}/streaming-days"))["days"] == days[::-1]
    assert await town.got(town.jan, f"/creators/{lily}/streaming-days") == 404
    assert await town.got(town.ann, f"/creators/{lily}/facts") == 403  # another agency may have managed it then


async def test_everybody_lists_the_agencies_that_they_see(town: Lotus) -> None:
    for who in (town.ann, town.bob):
        assert names((await town.got(who, "/agencies"))["agencies"]) == {town.lotus}
    for who in ("platform", "mia", town.auditor):
        assert names(await town.whole(who, "/agencies")) >= {"lotus", "jade"}
    assert await town.got(town.kim, "/agencies") == 403
    assert await town.got(town.jan, f"/agencies/{town.lotus}") == 404


async def test_a_violation_is_read_back_by_its_reference(town: Lotus) -> None:
    strike = new("strike")
    said = {"clause": "content.gambling", "against": town.kim, "severity": "mild", "details": "seen"}
    answer = await town.api.send("platform", "POST", "/violations", {**said, "reference": strike})
    case = answer.json()["case"]
    assert names((await town.got("platform", "/cases", reference=strike))["cases"]) == {case}
    assert (await town.got("platform", "/cases", reference=new("strike")))["cases"] == []
    shown = await town.got("platform", f"/cases/{case}")
    assert (shown["reference"], shown["severity"]) == (strike, "mild")
    assert (await town.got(town.ann, "/cases", reference=strike))["cases"] == []  # the respondent can't try them out
    assert "reference" not in await town.got(town.ann, f"/cases/{case}")


@pytest.mark.parametrize("path", ["/creators", "/people", "/agencies", "days", "facts", "management"])
async def test_a_list_goes_on_where_the_page_before_ended(town: Lotus, path: str) -> None:
    if path == "/agencies":
        who, rows = "platform", "agencies"
    elif path.startswith("/"):
        who, rows = town.ann, path[1:]
    else:
        who, rows = "platform", path
        lily = new("lily")
        with feeding(town.house) as connection:
            feed.creator(connection, lily, "VN", Profile(CreatorClass.STANDARD, 1, 0, 0))
        for number in range(1, 4):
            since = f"2026-03-0{number}T00:00:00+00:00"
            await put(town.api, f"/creators/{lily}", {"region": "VN", "level": number, "since": since})
            await put(town.api, f"/creators/{lily}/management", {"agency": town.lotus, "since": since})
            said = {"dates": [{"day": f"2026-03-0{number}", "hours": 1}]}
            await town.api.send("platform", "POST", f"/creators/{lily}/streaming-days", said)
        path = f"/creators/{lily}/{'streaming-days' if path == 'days' else path}"
    whole = (await town.got(who, path, limit=100))[rows]
    found: list[Any] = []
    cursor: dict[str, str] = {}
    while True:
        page = await town.got(who, path, limit=2, **cursor)
        assert page[rows]
        found += page[rows]
        if page["next"] is None or len(found) > 100:
            break
        cursor = {"cursor": page["next"]}
    assert found[:100] == whole
    assert len(whole) > 2
    assert (await town.api.get(who, path, cursor="nonsense")).json()["field"] == "cursor"
