"""The queue over HTTP is what its reader can take; who asks for the next case gets one that nobody else gets."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from conftest import agency, creator, feeding, new, person
from served import Api, served

from desk.door.door import Door
from desk.door.next import Next
from states.terms import Code, RefusedError, Role
from store import feed, party
from store.schema.commands import commands
from store.wanted import Filter
from workers.reach import House

HERE = "VN"


@pytest.fixture(scope="module")
async def api(house: House, door: Door) -> AsyncIterator[Api]:
    async with served(house, door) as made:
        yield made


@dataclass
class Town:
    """A reporting agency, one that nothing was reported of yet, its creator, and reviewers of their region."""

    api: Api
    jan: str
    lotus: str
    ann: str
    kim: str
    mia: str
    max: str
    sam: str
    sue: str

    async def filed(self, **said: Any) -> str:
        body = {"clause": "agency.poaching", "against": self.lotus, "details": "seen"} | said
        answer = await self.api.send(self.jan, "POST", "/reports", body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["case"])

    async def queue(self, who: str, **query: Any) -> list[str]:
        answer = await self.api.get(who, "/queue", respondent=[self.lotus, self.kim], **query)
        assert answer.status_code == 200, answer.text
        return [case["id"] for case in answer.json()["cases"]]

    async def urgency(self, who: str) -> list[tuple[int, str, str]]:
        page = (await self.api.get(who, "/queue", respondent=[self.lotus, self.kim])).json()
        return [(case["priority"], case["review_due_at"], case["id"]) for case in page["cases"]]

    async def next(self, who: str, key: str | None = None, **wanted: Any) -> Any:
        return await self.api.send(who, "POST", "/queue/next", {"respondent": [self.lotus, self.kim]} | wanted, key=key)


@pytest.fixture
async def town(house: House, api: Api) -> Town:
    (_, jan), (lotus, ann) = await agency(house, "jade", HERE), await agency(house, "lotus", HERE)
    staff = [await person(house, Role.MODERATOR, region=HERE) for _ in "12"]
    staff += [await person(house, Role.SENIOR_MODERATOR, region=HERE) for _ in "12"]
    return Town(api, jan, lotus, ann, await creator(house, lotus), *staff)


async def test_the_queue_is_what_its_reader_can_claim(town: Town) -> None:
    taken, decided, escalated, free = [await town.filed() for _ in "1234"]
    for case in (taken, decided, escalated):
        assert (await town.api.move(town.mia, case, "claim")).status_code == 200
    await town.api.move(town.mia, escalated, "escalate", reasons="hard")
    await town.api.move(town.mia, decided, "decide", finding="violation", severity="mild", reasons="seen")
    appeal = (await town.api.send(town.ann, "POST", "/appeals", {"of": decided, "grounds": "no"})).json()["case"]
    assert await town.queue(town.max) == [free]
    assert set(await town.queue(town.sam)) == {free, escalated, appeal}
    assert set(await town.queue(town.max, claimable="false")) == {taken, decided, escalated, free, appeal}
    assert await town.queue(town.max, kind="appeal", claimable="false") == [appeal]
    assert await town.queue(town.max, kind="appeal") == []
    assert await town.queue(town.mia, claimed_by="me") == [taken]
    assert await town.queue(town.max, claimed_by=["me", town.mia]) == [taken]
    assert set(await town.queue(town.max, claimed_by="nobody", status=["queued", "escalated"])) == {
        free,
        escalated,
        appeal,
    }
    for case in (taken, free, escalated):
        await town.api.send(town.jan, "POST", f"/cases/{case}/moves", {"do": "withdraw"})
    assert await town.queue(town.sam) == [appeal]
    # Who decided the report has no part in its appeal (ruling 18), and so does not find it in the queue.
    await town.api.move(town.sam, appeal, "claim")
    await town.api.move(town.sam, appeal, "decide", outcome="overturned", reasons="another year")


async def test_who_had_a_part_in_the_report_does_not_find_its_appeal(town: Town) -> None:
    case = await town.filed()
    await town.api.move(town.sam, case, "claim")
    await town.api.move(town.sam, case, "decide", finding="violation", severity="mild", reasons="seen")
    appeal = (await town.api.send(town.ann, "POST", "/appeals", {"of": case, "grounds": "no"})).json()["case"]
    assert await town.queue(town.sam) == []
    assert (await town.next(town.sam)).status_code == 404
    assert (await town.next(town.sue)).json()["case"] == appeal


async def test_the_safety_of_minors_comes_first_and_then_what_is_due_first(town: Town) -> None:
    first, second = await town.filed(), await town.filed()
    said = {"against": town.kim, "details": "seen", "severity": "mild"}
    grave, other = [
        (await town.api.send("platform", "POST", "/violations", said | {"clause": clause})).json()["case"]
        for clause in ("content.minor_safety", "content.gambling")
    ]
    assert await town.queue(town.mia) == [grave, first, second, other]
    before = await town.urgency(town.mia)
    assert [priority for priority, _, _ in before] == [1, 5, 5, 5]
    # While an answer is awaited the review's clock stands still.
    await town.api.move(town.mia, first, "claim")
    await town.api.move(town.mia, first, "ask", question="who?")
    await town.api.move(town.jan, first, "answer", text="he")
    after = await town.urgency(town.mia)
    assert after == sorted(after)
    due = [{case: due for _, due, case in each}[first] for each in (before, after)]
    assert due[0] < due[1]
    taken = [(await town.next(who)).json()["case"] for who in (town.mia, town.max, town.sam, town.sue)]
    assert taken == [case for _, _, case in after]


async def test_a_filter_takes_several_values(town: Town) -> None:
    poaching, multi = await town.filed(about=[town.kim]), await town.filed(clause="agency.multi_account")
    said = {"clause": "agency.other", "against": town.lotus, "details": "seen"}
    other = (await town.api.send("platform", "POST", "/reports", said)).json()["case"]
    assert await town.queue(town.mia, clause=["agency.poaching", "agency.other"]) == [poaching, other]
    assert await town.queue(town.mia, region=[HERE, "DE"]) == [poaching, multi, other]
    assert await town.queue(town.mia, region=["DE", "IN"]) == []
    assert await town.queue(town.mia, creator=town.kim) == [poaching]
    assert await town.queue(town.mia, reporter=town.jan) == [poaching, multi]
    assert await town.queue(town.mia, reporter=[town.jan, "platform"]) == [poaching, multi, other]
    assert await town.queue(town.mia, reporter=town.ann) == []
    twice = await town.api.get(town.mia, "/queue", sort=["due", "filed"])
    assert (twice.status_code, twice.json()["field"]) == (422, "sort")


async def test_a_claimer_who_is_nobody_is_said_so(town: Town) -> None:
    for name in ("none", "nobody.here"):
        refused = await town.api.get(town.mia, "/queue", claimed_by=name)
        assert (refused.status_code, refused.json()["code"], refused.json()["field"]) == (422, "invalid", "claimed_by")
        assert "`me`, `nobody`" in refused.json()["detail"]


async def test_the_first_page_says_how_many_there_are(town: Town) -> None:
    cases = [await town.filed() for _ in "123"]
    first = (await town.api.get(town.mia, "/queue", respondent=town.lotus, limit=2)).json()
    assert ([case["id"] for case in first["cases"]], first["count"], first["more"]) == (cases[:2], 3, False)
    second = (await town.api.get(town.mia, "/queue", respondent=town.lotus, limit=2, cursor=first["next"])).json()
    assert second.keys() == {"cases", "next"}
    assert [case["id"] for case in second["cases"]] == cases[2:]


async def test_those_who_ask_at_once_get_a_case_each(house: House, town: Town) -> None:
    """Over one desk and beside it another: nobody is refused because somebody else was faster."""
    cases = [await town.filed() for _ in range(12)]
    staff = [await person(house, Role.MODERATOR, region=HERE) for _ in range(12)]
    async with Door.of(house) as beside:
        other = Next(beside)
        with house.engine.connect() as connection:
            actors = [party.actor(connection, name) for name in staff[6:]]
        wanted = Filter(respondents=frozenset({town.lotus}))
        asked = {"respondent": [town.lotus]}
        answers = await asyncio.gather(
            *(town.next(who) for who in staff[:6]),
            *(other.claim(actor, wanted, asked, key=new("key")) for actor in actors if actor),
        )
    claimed = [one if isinstance(one, dict) else one.json() for one in answers]
    assert [one.get("status") for one in claimed] == ["claimed"] * 12
    assert {one["case"] for one in claimed} == set(cases)
    late = await town.next(town.mia)
    assert (late.status_code, late.json()["code"]) == (404, "not_found")
    assert late.json()["detail"] == "Nothing waits that you could claim."


async def test_the_next_case_is_the_same_under_the_same_key(house: House, town: Town) -> None:
    cases = [await town.filed() for _ in "123"]
    key = new("key")
    answers = await asyncio.gather(*(town.next(town.mia, key) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.json()["case"] for answer in answers} == {cases[0]}
    await town.api.move(town.mia, cases[0], "release")
    again = await town.next(town.mia, key)
    assert (again.json(), again.headers["ETag"]) == (answers[0].json(), '"3"')
    other = await town.next(town.mia, key, clause=["agency.poaching"])
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    used = new("key")
    await town.api.send(town.mia, "POST", f"/cases/{cases[1]}/moves", {"do": "claim"}, key=used)
    assert (await town.next(town.mia, used)).json()["code"] == "key_reused"
    with house.engine.connect() as connection:
        made = connection.execute(sa.select(commands.c.event).where(commands.c.case == cases[0])).scalars().all()
    assert sorted(made) == ["claim", "release", "submit"]


async def test_only_reviewers_take_the_next_case(house: House, door: Door, town: Town) -> None:
    oli = await person(house, Role.OPS)
    for who in (town.jan, town.kim, oli, "platform"):
        assert (await town.next(who)).status_code == 403
    with house.engine.connect() as connection:
        jan = party.actor(connection, town.jan)
    assert jan is not None
    with pytest.raises(RefusedError) as refused:
        await Next(door).claim(jan, Filter(), {}, key=new("key"))
    assert refused.value.code is Code.NOT_FOUND


async def test_a_language_is_read_by_its_beginning_and_written_in_one_way(house: House, town: Town) -> None:
    readers = {}
    with feeding(house) as connection:
        for language in ("vi", "zh", "vi-VN", "v", "hi"):
            readers[language] = new(f"reads.{language}")
            feed.person(connection, readers[language], Role.MODERATOR, regions=["FR"], languages=[language])
    lotus, _ = await agency(house, "lotus", "FR")
    said = {"clause": "agency.poaching", "against": lotus, "details": "seen"}
    cases = {}
    for language, tag in {"VI-vn": "vi-VN", "zh-hans-cn": "zh-Hans-CN", "VI": "vi", "sw-ke": "sw-KE"}.items():
        made = await town.api.send(town.jan, "POST", "/reports", said | {"language": language})
        cases[tag] = made.json()["case"]
        assert (await town.api.get(readers["vi"], f"/cases/{cases[tag]}")).json()["language"] == tag

    async def seen(who: str, **query: Any) -> set[str]:
        page = (await town.api.get(who, "/queue", respondent=lotus, **query)).json()
        return {case["language"] for case in page["cases"]}

    # Swahili is read by nobody of the region, and so by all.
    assert await seen(readers["vi"]) == {"vi", "vi-VN", "sw-KE"}
    assert await seen(readers["vi-VN"]) == {"vi-VN", "sw-KE"}
    assert await seen(readers["zh"]) == {"zh-Hans-CN", "sw-KE"}
    assert await seen(readers["hi"]) == {"sw-KE"}
    assert await seen(readers["hi"], language=["VI", "zh-HANS"]) == {"vi", "vi-VN", "zh-Hans-CN"}
    with feeding(house) as connection:
        feed.person(connection, new("reads.all"), Role.SENIOR_MODERATOR, regions=["FR"])
    assert await seen(readers["hi"]) == set()


async def test_what_bars_all_who_read_it_is_in_the_queues_of_the_others(house: House, town: Town) -> None:
    with feeding(house) as connection:
        for name, role, language in (
            (sam := new("sam"), Role.SENIOR_MODERATOR, "hi"),
            (sue := new("sue"), Role.SENIOR_MODERATOR, "en"),
            (mia := new("mia"), Role.MODERATOR, "hi"),
            (max_ := new("max"), Role.MODERATOR, "en"),
        ):
            feed.person(connection, name, role, regions=["US"], languages=[language])
    lotus, ann = await agency(house, "lotus", "US")
    said = {"clause": "agency.poaching", "against": lotus, "details": "seen", "language": "hi"}
    case = (await town.api.send(town.jan, "POST", "/reports", said)).json()["case"]

    async def queues() -> list[list[str]]:
        pages = [await town.api.get(who, "/queue", respondent=lotus) for who in (mia, max_, sam, sue)]
        return [[one["id"] for one in page.json()["cases"]] for page in pages]

    assert await queues() == [[case], [], [case], []]
    await town.api.move(sam, case, "claim")
    await town.api.move(sam, case, "decide", finding="violation", severity="mild", reasons="seen")
    appeal = (await town.api.send(ann, "POST", "/appeals", {"of": case, "grounds": "no"})).json()["case"]
    assert await queues() == [[], [], [], [appeal]]  # no other senior reads Hindi
    taken = await town.api.send(sue, "POST", "/queue/next", {"respondent": [lotus]})
    assert taken.json()["case"] == appeal
    await town.api.move(ann, appeal, "withdraw")
    await town.api.move(sue, case, "set_aside", reasons="another agency")
    assert await queues() == [[case], [], [], []]
    with feeding(house) as connection:
        feed.ended(connection, mia, house.clock.now())
    assert (await town.api.send(max_, "POST", "/queue/next", {"respondent": [lotus]})).json()["case"] == case


@pytest.mark.parametrize("tag", ["v", "vi_VN", "vi-", "vietnamese", "x-own", "", "en-" * 20])
async def test_what_is_no_language_is_refused_wherever_it_enters(town: Town, tag: str) -> None:
    said = {"clause": "agency.poaching", "against": town.lotus, "details": "seen", "language": tag}
    feeds = {"role": "moderator", "regions": [HERE], "languages": [tag]}
    answers = [
        await town.api.send(town.jan, "POST", "/reports", said),
        await town.api.send("platform", "POST", "/violations", said | {"clause": "content.gambling"}),
        await town.api.send(town.mia, "POST", "/queue/next", {"language": [tag]}),
        await town.api.get(town.mia, "/queue", language=tag),
        await town.api.send("platform", "PUT", f"/people/{new('person')}", feeds),
    ]
    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(422, "invalid")}
    assert [answer.json()["field"] for answer in answers] == ["language"] * 4 + ["languages"]


async def test_staff_are_fed_with_languages_that_are_written_in_one_way(house: House, town: Town) -> None:
    name = new("staff")
    body = {"role": "moderator", "regions": [HERE], "languages": ["VI-vn", "zh-HANS"]}
    assert (await town.api.send("platform", "PUT", f"/people/{name}", body)).status_code == 200
    with house.engine.connect() as connection:
        known = party.actor(connection, name)
    assert known is not None
    assert known.languages == {"vi-VN", "zh-Hans"}


async def test_a_case_that_gives_no_answer_keeps_nobody_from_the_next(
    house: House, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The workflow of the first one is gone, and nobody works where it would begin again."""
    monkeypatch.setattr("desk.door.door.WANTED", timedelta(seconds=1))
    monkeypatch.setattr("desk.door.carrier.GRACE", timedelta(0))
    first, second = [await town.filed() for _ in "12"]
    await house.client.get_workflow_handle(first).terminate()
    with house.engine.connect() as connection:
        mia = party.actor(connection, town.mia)
    assert mia is not None
    async with Door.of(house, new("deserted")) as door:
        following, key, wanted = Next(door), new("key"), Filter(respondents=frozenset({town.lotus}))
        with pytest.raises(RefusedError) as refused:
            await following.claim(mia, wanted, {}, key=key)
        assert refused.value.code is Code.UNAVAILABLE
        monkeypatch.undo()
        assert (await following.claim(mia, wanted, {}, key=key))["case"] == second
