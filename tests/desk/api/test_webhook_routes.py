"""Receivers over HTTP: their owners add, remove and replay; to all others they don't exist."""

import asyncio
import base64
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from conftest import agency, creator, new, person, send
from served import Api, served

from activities.feed import stream
from activities.rulebooks import Rulebooks
from desk.api.routes.webhooks import MOST
from desk.api.shapes.events import CaseTold, LiftedTold, NoticeTold, PenaltyTold
from desk.api.shapes.words import Shown
from desk.door.door import Door
from states.terms import Role
from store import cursor, webhook
from store.cursor import Cursor
from store.schema.commands import answers
from store.schema.webhooks import Event, webhooks
from workers.reach import House

NOWHERE = "http://127.0.0.1:9/hook"
ALL = [event.value for event in Event]
SHAPES: dict[Event, type[Shown]] = {
    Event.CASE_MOVED: CaseTold,
    Event.VERDICT_DECIDED: CaseTold,
    Event.PENALTY_IN_FORCE: PenaltyTold,
    Event.PENALTY_LIFTED: LiftedTold,
    Event.NOTICE_SENT: NoticeTold,
}


@pytest.fixture(scope="module")
async def api(house: House, door: Door) -> AsyncIterator[Api]:
    async with served(house, door) as made:
        yield made


async def added(api: Api, by: str, url: str = NOWHERE, events: list[str] | None = None, **more: Any) -> dict[str, Any]:
    answer = await api.send(by, "POST", "/webhooks", {"url": url, "events": events or ALL}, **more)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_secret_is_shown_once_and_kept_nowhere_else(house: House, api: Api) -> None:
    lotus, ann = await agency(house, "lotus")
    key = new("key")
    made = await added(api, ann, key=key)
    assert len(base64.b64decode(made["secret"].removeprefix("whsec_"))) == 32
    again = await added(api, ann, key=key)
    assert again == {**made, "secret": None}
    listed = (await api.get(ann, "/webhooks")).json()["webhooks"]
    assert listed == [{name: value for name, value in made.items() if name != "secret"} | {"agency": lotus}]
    with house.engine.connect() as connection:
        kept = connection.execute(sa.select(answers.c.answer).where(answers.c.actor == ann)).scalars().all()
    assert made["secret"] not in str(kept)


async def test_a_removed_receiver_is_gone(house: House, api: Api) -> None:
    _, ann = await agency(house, "lotus")
    made = await added(api, ann)
    key = new("key")
    for _ in range(2):
        removed = await api.send(ann, "DELETE", f"/webhooks/{made['id']}", key=key)
        assert (removed.status_code, removed.json()["id"]) == (200, made["id"])
    assert (await api.get(ann, "/webhooks")).json() == {"webhooks": [], "next": None}
    assert (await api.send(ann, "DELETE", f"/webhooks/{made['id']}")).status_code == 404
    assert (await api.get(ann, f"/webhooks/{made['id']}/deliveries")).status_code == 404


async def test_others_receivers_answer_like_those_that_do_not_exist(house: House, api: Api) -> None:
    (lotus, ann), (_, jan) = await agency(house, "lotus"), await agency(house, "jade")
    lee = await person(house, Role.TEAM_LEAD, lotus)
    own, of_platform = await added(api, ann), await added(api, "platform")
    assert [one["id"] for one in (await api.get(lee, "/webhooks")).json()["webhooks"]] == [own["id"]]
    for who, foreign in ((jan, own), ("platform", own), (ann, of_platform)):
        listed = [one["id"] for one in (await api.get(who, "/webhooks")).json()["webhooks"]]
        assert foreign["id"] not in listed
        for method, rest in (("GET", "/deliveries"), ("DELETE", ""), ("POST", f"/deliveries/dl-{0:020}/replay")):
            told = [
                (await api.send(who, method, f"/webhooks/{one}{rest}")).json() for one in (foreign["id"], "wh-nothing")
            ]
            assert {answer.pop("detail").split()[-1].rstrip(".") for answer in told} == {foreign["id"], "wh-nothing"}
            assert told[0] == told[1]
            assert told[0]["code"] == "not_found"
    assert (await api.send("platform", "DELETE", f"/webhooks/{of_platform['id']}")).status_code == 200


async def test_ops_and_auditors_read_all_receivers_in_pages_and_no_secret(house: House, api: Api) -> None:
    lotus, ann = await agency(house, "lotus")
    mine = [(await added(api, ann, url=f"{NOWHERE}/secret?token=secret"))["id"] for _ in range(MOST)]
    others = {"created_at": house.clock.now(), "created_by": ann, "events": ALL, "secret": "x", "url": NOWHERE}
    with house.engine.begin() as connection:
        for _ in range(cursor.MOST):
            webhook.add(connection, {"id": new("wh"), "agency": lotus, **others})
    for role in (Role.OPS, Role.AUDITOR):
        after: dict[str, str] | None = {}
        who, seen = await person(house, role), list[str]()
        while after is not None:
            answer = await api.get(who, "/webhooks", **after)
            assert answer.status_code == 200, answer.text
            assert "secret" not in answer.text
            page = answer.json()
            assert len(page["webhooks"]) <= cursor.MOST
            seen += [one["id"] for one in page["webhooks"] if one["agency"] == lotus]
            after = {"cursor": page["next"]} if page["next"] else None
        assert len(seen) == len(set(seen)) == MOST + cursor.MOST
        assert set(mine) <= set(seen)
        assert (await api.get(who, f"/webhooks/{mine[0]}/deliveries")).json()["deliveries"] == []
        assert (await api.send(who, "DELETE", f"/webhooks/{mine[0]}")).status_code == 403
    assert (await api.get(ann, "/webhooks")).json()["webhooks"][0]["url"].endswith("?token=secret")
    for forged in ("x", Cursor("created_at", None, "x").opaque()):
        assert (await api.get(ann, "/webhooks", cursor=forged)).json()["field"] == "cursor"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"events": []}, "events"),
        ({"events": ["case.closed"]}, "events"),
        ({"url": "ftp://example.com/"}, "url"),
        ({"url": "https://user:word@example.com/"}, "url"),
        ({"url": 1}, "url"),
        ({"secret": "mine"}, "secret"),
    ],
)
async def test_what_is_wrong_is_named(house: House, api: Api, wrong: dict[str, Any], field: str) -> None:
    _, ann = await agency(house, "lotus")
    answer = await api.send(ann, "POST", "/webhooks", {"url": NOWHERE, "events": ALL} | wrong)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert answer.json()["field"] in {field, "events"}


async def test_there_can_be_so_many(house: House, api: Api) -> None:
    _, ann = await agency(house, "lotus")
    for _ in range(MOST):
        await added(api, ann)
    answer = await api.send(ann, "POST", "/webhooks", {"url": NOWHERE, "events": ALL})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


async def test_there_can_be_no_more_if_they_come_at_once(house: House, api: Api) -> None:
    _, ann = await agency(house, "lotus")
    said = {"url": NOWHERE, "events": ALL}
    answers = await asyncio.gather(*(api.send(ann, "POST", "/webhooks", said) for _ in range(MOST + 4)))
    assert sorted(answer.status_code for answer in answers) == [201] * MOST + [422] * 4


async def test_the_log_shows_what_became_of_each_and_a_replay_sends_it_again(
    house: House, door: Door, api: Api
) -> None:
    (lotus, ann), (_, jan) = await agency(house, "lotus"), await agency(house, "jade")
    heads: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
        made = await added(api, ann, url, ["case.moved"])
        for _ in range(3):
            said = {"against": lotus, "clause": "agency.poaching", "details": "seen", "occurred": None}
            await send(door, jan, "report", **{name: value for name, value in said.items() if value})
        path = f"/webhooks/{made['id']}/deliveries"

        async def log(**query: Any) -> dict[str, Any]:
            found: dict[str, Any] = (await api.get(ann, path, **query)).json()
            return found

        async with asyncio.timeout(20):
            while not all(one["delivered_at"] for one in (await log())["deliveries"]):
                await asyncio.sleep(0.05)
        first = await log(limit=2)
        times = [one["at"] for one in first["deliveries"]]
        assert times == sorted(times, reverse=True)
        rest = await log(limit=2, cursor=first["next"])
        assert len(rest["deliveries"]) == 1
        assert rest["next"] is None
        ids = {one["id"] for page in (first, rest) for one in page["deliveries"]}
        assert len(ids) == 3
        assert all(re.fullmatch("dl-[0-9a-f]{20}", one) for one in ids)
        assert (await log(limit=3))["next"] is None
        nowhere = Cursor("deliveries", None, f"dl-{0:020}").opaque()
        assert (await log(cursor=nowhere))["deliveries"] == []
        one = first["deliveries"][0]
        assert (one["event"], one["status"], one["attempts"], one["error"]) == ("case.moved", 200, 1, None)
        assert one["payload"]["id"] == one["id"]

        key = new("key")
        answers = [await api.send(ann, "POST", f"{path}/{one['id']}/replay", key=key) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [202, 202]
        again = answers[0].json()
        assert answers[1].json() == again
        assert (again["replay_of"], again["attempts"], again["delivered_at"]) == (one["id"], 0, None)
        async with asyncio.timeout(20):
            while len(heads) < 4:
                await asyncio.sleep(0.05)
        assert f"webhook-id: {again['id']}" in heads[3].lower()
        assert (await api.send(ann, "POST", f"{path}/dl-{0:020}/replay")).status_code == 404
        assert (await api.send(ann, "DELETE", f"/webhooks/{made['id']}")).status_code == 200


async def test_each_event_is_sent_as_the_document_says(house: House, api: Api) -> None:
    (lotus, ann), (_, jan) = await agency(house, "lotus"), await agency(house, "jade")
    mia, sam = await person(house, Role.MODERATOR), await person(house, Role.SENIOR_MODERATOR)
    own = (await added(api, ann))["id"]
    said = {"against": lotus, "clause": "agency.poaching", "details": "seen"}
    report = (await api.send(jan, "POST", "/reports", said)).json()["case"]
    await api.move(mia, report, "claim")
    await api.move(mia, report, "decide", finding="violation", severity="mild", reasons="clear")
    appeal = (await api.send(ann, "POST", "/appeals", {"of": report, "grounds": "not us"})).json()["case"]
    await api.move(sam, appeal, "claim")
    await api.move(sam, appeal, "decide", outcome="overturned", reasons="another year")
    sent = [one["payload"] for one in (await api.get(ann, f"/webhooks/{own}/deliveries")).json()["deliveries"]]
    for payload in sent:
        shape = SHAPES[Event(payload["event"])]
        assert shape.model_validate(payload).model_dump(mode="json") == payload
    assert {payload["event"] for payload in sent} == set(ALL)


async def test_streamed_days_wake_the_receivers_of_whoever_manages_the_creator(house: House, api: Api) -> None:
    lotus, ann = await agency(house, "lotus")
    kim, mia = await creator(house, lotus), await person(house, Role.MODERATOR)
    seen = {"clause": "content.vulgar", "against": kim, "details": "seen", "severity": "severe"}
    seen["occurred"] = (house.clock.now() - timedelta(days=9)).isoformat()
    for _ in range(8):
        report = (await api.send("platform", "POST", "/violations", seen)).json()["case"]
        await api.move(mia, report, "claim")
        await api.move(mia, report, "decide", finding="violation", reasons="clear")
    subject = (await api.get(ann, f"/subjects/{kim}")).json()
    assert (subject["score"], [one["key"] for one in subject["penalties"]]) == (68, ["creator_health.limited"])
    own = (await added(api, ann))["id"]
    with house.engine.connect() as connection:  # rolled back: nobody needs to be told
        said = {"creator": kim, "days": 6, "hours": 2}
        woken = stream.record(connection, Rulebooks(), "platform", said, house.clock.now())
    assert (woken.subjects, woken.receivers) == ([kim], [own])


async def test_agents_have_no_receivers(house: House, api: Api) -> None:
    lotus, _ = await agency(house, "lotus")
    bob = await person(house, Role.AGENT, lotus)
    answer = await api.send(bob, "POST", "/webhooks", {"url": NOWHERE, "events": ALL})
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    with house.engine.connect() as connection:
        assert connection.execute(sa.select(webhooks.c.id).where(webhooks.c.agency == lotus)).all() == []
