"""Receivers: told in order, signed, again until it arrives, and only what they may know."""

import asyncio
import base64
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from conftest import agency, creator, feeding, new, person, send
from outside import Receiver, until
from temporalio.worker import Worker

from activities.clock import Clock, Own, Story
from activities.command import Request
from activities.courier.deliver import Deliver, Delivering
from activities.courier.post import Post
from activities.look import Looker
from activities.move.commit import Commit
from activities.move.outbox import LINK
from activities.names import webhook_id
from desk.api.rules import RULES
from desk.door.door import Door
from states.terms import RefusedError, Role
from store import delivery, feed, text, wake, webhook
from store.schema.journal import incidents
from store.schema.webhooks import Event, deliveries, webhooks
from workers.reach import House
from workers.sweep import sweep
from workers.worker import compose, compose_deliveries

SECRET = b"thirty-two bytes of a test's own"
SHORT = [timedelta(milliseconds=50)] * 2
MILD = {"finding": "violation", "severity": "mild", "reasons": "words of a reviewer"}
MODERATE = MILD | {"severity": "moderate"}


@asynccontextmanager
async def receiving(
    house: House, of: str | None, *answers: str, events: Iterable[str] = tuple(Event), by: str = "platform"
) -> AsyncIterator[Receiver]:
    receiver = Receiver(new("wh"), answers=list(answers))
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook?of=1"
    with house.engine.begin() as connection:
        row = {"id": receiver.id, "agency": of, "url": receiver.url, "secret": secret(), "events": list(events)}
        webhook.add(connection, row | {"created_at": house.clock.now(), "created_by": by})
    async with server:
        yield receiver
        with house.engine.begin() as connection:
            webhook.remove(connection, receiver.id, house.clock.now(), "the test is over")


def secret() -> str:
    return "whsec_" + base64.b64encode(SECRET).decode()


def courier(house: House, clock: Clock | None = None) -> Deliver:
    return Deliver(house.engine, Post(demo=True), clock or Story(house.clock.now), pauses=SHORT)


@asynccontextmanager
async def hasty(house: House) -> AsyncIterator[tuple[Door, Worker]]:
    """A worker of its own queue, whose couriers make short pauses."""
    queue = new("hasty")
    clock = Own(house.clock.now)
    worker = compose(house.client, house.engine, house.key, queue, clock=clock, sandbox=True)
    delivering = compose_deliveries(house.client, queue, courier(house, clock))
    async with worker, delivering, Door.of(house, queue) as door:
        yield door, worker


def log(house: House, receiver: Receiver) -> list[sa.RowMapping]:
    with house.engine.connect() as connection:
        return list(reversed(delivery.page(connection, receiver.id, None, 100).rows))


def put(house: House, receiver: Receiver, *names: str, at: datetime | None = None) -> None:
    """Deliveries that some commit has written; nobody has looked yet."""
    with house.engine.begin() as connection:
        rows = [{"webhook": receiver.id, "event": Event.NOTICE_SENT, "payload": {"template": name}} for name in names]
        delivery.post(connection, rows, at or house.clock.now())


async def reported(door: Door, by: str, against: str) -> str:
    said = {"against": against, "clause": "agency.poaching", "details": "words of a reporter"}
    return str((await send(door, by, "report", **said))["case"])


async def decided(house: House, door: Door, case: str, verdict: dict[str, str]) -> None:
    mia = await person(house, Role.MODERATOR)
    await send(door, mia, "claim", case=case)
    await send(door, mia, "decide", case=case, **verdict)


async def test_a_delivery_is_signed_so_that_its_receiver_can_verify_it(house: House, door: Door) -> None:
    (lotus, _), (_, jan) = await agency(house, "lotus"), await agency(house, "jade")
    async with receiving(house, lotus, events=["case.moved"]) as receiver:
        case = await reported(door, jan, lotus)
        await until(lambda: receiver.raw)
        (head,) = receiver.heads
        assert receiver.verified(SECRET) == receiver.bodies
        assert abs(int(head["webhook-timestamp"]) - house.clock.now().timestamp()) < 60
        assert head["host"] in receiver.url
        (body,) = receiver.bodies
        assert body.pop("at")
        assert body == {
            "id": head["webhook-id"],
            "event": "case.moved",
            "case": case,
            "kind": "report",
            "stage": "under_review",
            "status": "queued",
            "outcome": None,
            "version": 2,
            "link": f"/api/v1/cases/{case}",
        }
        await until(lambda: log(house, receiver)[0]["delivered_at"])
        (row,) = log(house, receiver)
        assert (row["status"], row["attempts"], row["error"], row["next_at"]) == (204, 1, None, None)


def test_the_link_is_a_route() -> None:
    assert ("GET", f"{LINK}{{case}}") in RULES


async def test_each_side_hears_its_own_and_never_who_reported(house: House, door: Door) -> None:
    (lotus, ann), (jade, jan), (rose, _) = [await agency(house, name) for name in ("lotus", "jade", "rose")]
    async with (
        receiving(house, lotus) as charged,
        receiving(house, jade) as reporter,
        receiving(house, rose) as other,
        receiving(house, None) as platform,
    ):
        case = await reported(door, jan, lotus)
        await decided(house, door, case, MODERATE)
        appeal = str((await send(door, ann, "appeal", of=case, grounds="words of a respondent"))["case"])
        sue = await person(house, Role.SENIOR_MODERATOR)
        await send(door, sue, "claim", case=appeal)
        await send(door, sue, "decide", case=appeal, outcome="overturned", reasons="heard")
        await until(lambda: [b["template"] for b in charged.bodies if "template" in b][-1:] == ["penalty.lifted"])
        await until(lambda: reporter.bodies and reporter.bodies[-1].get("template") == "report.overturned")
        moves = [(b["case"], b["status"]) for b in charged.bodies if b["event"] == "case.moved"]
        assert [status for moved, status in moves if moved == case] == [
            "queued", "claimed", "open", "under_appeal", "closed",
        ]  # fmt: skip
        assert [status for moved, status in moves if moved == appeal] == ["queued", "claimed", "closed"]
        assert {b["case"] for b in reporter.bodies} == {case}
        notices = [b for b in reporter.bodies if b["event"] == "notice.sent"]
        assert {name for b in notices for name in b} == {"id", "event", "at", "template", "case", "version", "about"}
        assert all(re.fullmatch("dl-[0-9a-f]{20}", b["id"]) for b in charged.bodies + reporter.bodies)
        assert [b["case"] for b in charged.bodies if b["event"] == "verdict.decided"] == [case, appeal]
        assert [b["case"] for b in reporter.bodies if b["event"] == "verdict.decided"] == [case]
        (begun,) = [b for b in charged.bodies if b["event"] == "penalty.in_force"]
        (ended,) = [b for b in charged.bodies if b["event"] == "penalty.lifted"]
        assert (begun["subject"], begun["restrictions"], begun["kind"]) == (lotus, ["recruiting"], "base")
        assert begun["ends_at"]
        assert (ended["key"], ended["starts_at"]) == (begun["key"], begun["starts_at"])
        assert ended["lifted_at"]
        heard = ["report.received", "report.violation", "report.overturned"]
        assert [b["template"] for b in reporter.bodies if "template" in b] == heard
        sent = b"".join(charged.raw).decode()
        for hidden in (jade, jan, "report.received", "words", "heard"):
            assert hidden not in sent
        for hidden in (lotus, ann, "penalty", "words"):
            assert hidden not in b"".join(reporter.raw).decode()
        await until(lambda: {b["case"] for b in platform.bodies if "case" in b} >= {case, appeal})
        assert "words" not in b"".join(platform.raw).decode()
        assert other.raw == []
        versions = [b["version"] for b in charged.bodies if b["event"] == "case.moved" and b["case"] == case]
        assert versions == sorted(versions)


async def test_of_a_creators_penalty_hears_the_agency_that_manages_it_now(house: House, door: Door) -> None:
    (lotus, _), (jade, _) = await agency(house, "lotus"), await agency(house, "jade")
    kim = await creator(house, lotus)
    with feeding(house) as connection:
        feed.management(connection, kim, jade, None, house.clock.now())
    async with receiving(house, lotus) as before, receiving(house, jade) as now:
        said = {"against": kim, "clause": "content.minor_safety", "details": "seen", "severity": "severe"}
        case = str((await send(door, "platform", "report", **said))["case"])
        await decided(house, door, case, MILD | {"severity": "severe"})
        with house.engine.connect() as connection:
            imposed = connection.execute(sa.text("SELECT key FROM penalties WHERE subject = :s"), {"s": kim}).scalars()
            keys = sorted(imposed)
        await until(lambda: len([e for e in now.events if e == "penalty.in_force"]) == len(keys) > 0)
        assert sorted(b["key"] for b in now.bodies if b["event"] == "penalty.in_force") == keys
        assert {b["subject"] for b in now.bodies if b["event"] == "penalty.in_force"} == {kim}
        assert "penalty.in_force" not in [row["event"] for row in log(house, before)]


async def test_what_does_not_arrive_is_sent_again_under_the_same_id_and_holds_back_the_next(house: House) -> None:
    lotus, _ = await agency(house, "lotus")
    async with receiving(house, lotus, "500 Failed", "none", "302 Found\r\nLocation: /other") as receiver:
        put(house, receiver, "first", "second")
        at = house.clock.now()
        deliver = courier(house)
        while (left := await deliver.deliver(Delivering(webhook=receiver.id, at=at))).next_at is not None:
            at = left.next_at
        assert [body["template"] for body in receiver.bodies] == ["first"] * 4 + ["second"]
        assert len({head["webhook-id"] for head in receiver.heads[:4]}) == 1
        assert len(set(receiver.raw[:4])) == 1
        first, second = log(house, receiver)
        assert (first["attempts"], first["status"], second["attempts"]) == (4, 204, 1)


async def test_a_workflow_sends_again_after_the_pause(house: House) -> None:
    (lotus, _), (_, jan) = await agency(house, "lotus"), await agency(house, "jade")
    async with receiving(house, lotus, "503 Away", events=["case.moved"]) as receiver, hasty(house) as (door, _):
        await reported(door, jan, lotus)
        await until(lambda: log(house, receiver) and log(house, receiver)[0]["delivered_at"])
        (row,) = log(house, receiver)
        assert (row["attempts"], row["status"], row["error"]) == (2, 204, None)
        assert receiver.raw[0] == receiver.raw[1]


async def test_a_receiver_that_is_gone_is_told_nothing_any_more(house: House, door: Door) -> None:
    (lotus, _), (_, jan) = await agency(house, "lotus"), await agency(house, "jade")
    async with receiving(house, lotus, "410 Gone") as receiver:
        put(house, receiver, "first", "second")
        left = await courier(house).deliver(Delivering(webhook=receiver.id, at=house.clock.now()))
        assert left.next_at is None
        assert len(receiver.raw) == 1
        assert all(row["given_up_at"] for row in log(house, receiver))
        await reported(door, jan, lotus)
        assert len(log(house, receiver)) == 2
        assert [row["facts"]["removed"] for row in given_up(house, lotus)] == [True]


async def test_what_never_arrives_is_given_up_and_put_before_ops_once(house: House) -> None:
    lotus, _ = await agency(house, "lotus")
    async with receiving(house, lotus, *["500 Failed"] * 5) as receiver:
        put(house, receiver, "first", "second", "third")
        minutes, patience = [timedelta(minutes=1)], timedelta(minutes=3)
        deliver = Deliver(house.engine, Post(demo=True), Story(house.clock.now), pauses=minutes, patience=patience)
        at = house.clock.now()
        while (left := await deliver.deliver(Delivering(webhook=receiver.id, at=at))).next_at is not None:
            at = left.next_at
        rows = log(house, receiver)
        assert [(row["attempts"], row["error"]) for row in rows] == [(n, "answered 500") for n in (3, 1, 1)]
        assert all(row["given_up_at"] for row in rows)
        assert len(given_up(house, lotus)) == 1
        assert given_up(house, lotus)[0]["facts"]["answer"] == "answered 500"


async def test_a_replay_is_a_delivery_of_its_own(house: House) -> None:
    lotus, _ = await agency(house, "lotus")
    async with receiving(house, lotus) as receiver:
        put(house, receiver, "first")
        (row,) = log(house, receiver)
        with house.engine.begin() as connection:
            assert delivery.replay(connection, receiver.id, "dl-none", house.clock.now()) is None
            made = delivery.replay(connection, receiver.id, row["id"], house.clock.now())
        assert made is not None
        assert made["replay_of"] == row["id"]
        await courier(house).deliver(Delivering(webhook=receiver.id, at=house.clock.now()))
        first, second = receiver.bodies
        assert (first["id"], second["id"]) == (row["id"], made["id"])
        assert first["template"] == second["template"]


async def test_killed_between_answer_and_record_it_is_sent_again_under_the_same_id(house: House) -> None:
    lotus, _ = await agency(house, "lotus")
    async with receiving(house, lotus) as receiver:
        put(house, receiver, "first")
        with house.engine.connect() as connection:
            due = delivery.following(connection, receiver.id)
        assert due is not None
        # The first courier died after the answer and before the record: the same activity runs again.
        assert (await Post(demo=True).send(due, house.clock.now())).error is None
        await courier(house).deliver(Delivering(webhook=receiver.id, at=house.clock.now()))
        assert len({head["webhook-id"] for head in receiver.heads}) == 1
        assert len(receiver.raw) == 2
        (row,) = log(house, receiver)
        assert row["delivered_at"]


async def test_killed_between_commit_and_look_the_sweep_wakes_the_courier(house: House, door: Door) -> None:
    (lotus, _), (_, jan) = await agency(house, "lotus"), await agency(house, "jade")
    async with receiving(house, lotus, events=["case.moved"]) as receiver:
        case = await reported(door, jan, lotus)
        await until(lambda: receiver.raw)
        mia = await person(house, Role.MODERATOR)
        with house.engine.begin() as connection:
            command, _, texts = door.sending(mia, "claim", {"case": case}, new("key"))
            text.write(connection, texts)
        commit = Commit(house.engine, house.key, Looker(house.client, house.settings.task_queue))
        commit._commit(Request(case=case, at=house.clock.now(), command=command), house.clock.now)  # noqa: SLF001
        with house.engine.connect() as connection:
            assert receiver.id not in wake.receivers_late(connection, house.clock.now())
        looker = Looker(house.client, house.settings.task_queue)
        await sweep(house.engine, looker, lambda: house.clock.now() + wake.SENDING)
        await until(lambda: [body["status"] for body in receiver.bodies] == ["queued", "claimed"])


async def test_a_repetition_wakes_the_receivers_again(house: House, door: Door) -> None:
    (lotus, _), (_, jan) = await agency(house, "lotus"), await agency(house, "jade")
    async with receiving(house, lotus, events=["case.moved"]) as receiver:
        case = await reported(door, jan, lotus)
        await until(lambda: receiver.raw)
        mia = await person(house, Role.MODERATOR)
        with house.engine.begin() as connection:
            command, _, texts = door.sending(mia, "claim", {"case": case}, new("key"))
            text.write(connection, texts)
        commit = Commit(house.engine, house.key, Looker(house.client, house.settings.task_queue))
        request = Request(case=case, at=house.clock.now(), command=command)
        assert commit._commit(request, lambda: request.at)[1].receivers == [receiver.id]  # noqa: SLF001
        await commit.commit(request)
        await until(lambda: len(receiver.raw) == 2)
        assert len(log(house, receiver)) == 2


async def test_nothing_is_sent_of_a_refused_command_or_of_what_was_before(house: House, door: Door) -> None:
    (lotus, ann), (_, jan) = await agency(house, "lotus"), await agency(house, "jade")
    case = await reported(door, jan, lotus)
    async with receiving(house, lotus) as receiver:
        with pytest.raises(RefusedError):
            await send(door, ann, "withdraw", case=case)
        assert log(house, receiver) == []
        await send(door, jan, "withdraw", case=case)
        assert [(row["event"], row["payload"]["status"]) for row in log(house, receiver)] == [("case.moved", "closed")]


async def test_a_courier_who_sleeps_until_the_next_attempt_is_not_woken(house: House, door: Door) -> None:
    (lotus, _), (_, jan) = await agency(house, "lotus"), await agency(house, "jade")
    async with receiving(house, lotus, "500 Failed", events=["case.moved"]) as receiver:
        await reported(door, jan, lotus)
        await until(lambda: log(house, receiver)[0]["attempts"])
        await reported(door, jan, lotus)
        await until(lambda: [row["attempts"] for row in log(house, receiver) if row["delivered_at"]] == [2, 1])
        history = await house.client.get_workflow_handle(webhook_id(receiver.id)).fetch_history()
        looks = [e for e in history.events if e.HasField("workflow_execution_signaled_event_attributes")]
        assert len(looks) == 1


async def test_only_the_events_asked_for_are_told(house: House, door: Door) -> None:
    (_, jan), (lotus, _) = await agency(house, "jade"), await agency(house, "lotus")
    async with receiving(house, lotus, events=["verdict.decided"]) as receiver:
        await decided(house, door, await reported(door, jan, lotus), MODERATE)
        assert [row["event"] for row in log(house, receiver)] == ["verdict.decided"]


async def test_without_receivers_nothing_is_written(house: House, door: Door) -> None:
    (_, jan), (lotus, _) = await agency(house, "jade"), await agency(house, "lotus")
    case = await reported(door, jan, lotus)
    with house.engine.connect() as connection:
        mine = sa.and_(deliveries.c.payload["case"].astext == case, webhooks.c.agency.is_not(None))
        query = sa.select(sa.func.count()).select_from(deliveries.join(webhooks)).where(mine)
        assert connection.execute(query).scalar() == 0


def given_up(house: House, subject: str) -> list[sa.RowMapping]:
    query = sa.select(incidents).where(incidents.c.subject == subject, incidents.c.kind == "webhook_given_up")
    with house.engine.connect() as connection:
        return list(connection.execute(query).mappings())
