"""The courier: the platform knows what is in force, told once under one key, whatever dies in between."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import ClassVar

import httpx
import pytest
import sqlalchemy as sa
from conftest import agency, feeding, new, person, send
from outside import Receiver, until
from temporalio.worker import Worker

from activities.clock import Own
from activities.command import Request
from activities.courier.enforce import Enforce, Round
from activities.courier.platform import Http
from activities.look import Looker
from activities.move.commit import Commit
from desk.door.door import Door
from ops.rehearsal.stage.inquiry import Inquiry
from states.terms import Role, Status
from store import case as cases
from store import restrictions, text
from store.restrictions import Telling
from store.schema.journal import incidents
from store.schema.standing import tellings
from workers.reach import House
from workers.sweep import sweep
from workers.worker import compose

KEY = b"the platform's own secret"


@asynccontextmanager
async def receiving(*answers: str) -> AsyncIterator[tuple[Receiver, Http]]:
    receiver = Receiver(answers=list(answers), usual="200 OK")
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, httpx.AsyncClient() as client:
        yield receiver, Http(client, f"http://127.0.0.1:{port}/standing", KEY)


@asynccontextmanager
async def engine_with(house: House, platform: Http) -> AsyncIterator[tuple[Door, Worker]]:
    """A worker of its own queue, whose courier calls this platform."""
    queue = new("courier")
    worker = compose(
        house.client, house.engine, house.key, queue, clock=Own(house.clock.now), sandbox=True, platform=platform
    )
    async with worker, Door.of(house, queue) as door:
        yield door, worker


async def suspended(house: House, door: Door) -> str:
    """An agency whose recruiting a moderate verdict has paused."""
    (_, jan), (lotus, _) = await agency(house, "jade"), await agency(house, "lotus")
    mia = await person(house, Role.MODERATOR)
    report = await send(door, jan, "report", against=lotus, clause="agency.poaching", details="seen")
    await send(door, mia, "claim", case=report["case"])
    decision = {"finding": "violation", "severity": "moderate", "reasons": "checked"}
    await send(door, mia, "decide", case=report["case"], **decision)
    return lotus


def told(house: House, subject: str) -> frozenset[str]:
    found = Inquiry(house.engine, house.clock.now).restrictions()
    return next((known for name, known, _ in found if name == subject), frozenset())


async def test_the_platform_is_told_a_signed_set_of_restrictions(house: House) -> None:
    async with receiving() as (receiver, platform), engine_with(house, platform) as (door, _):
        lotus = await suspended(house, door)
        await until(lambda: receiver.raw)
        key = hashlib.sha256(f"{lotus}\n1".encode()).hexdigest()
        assert receiver.verified(KEY)[0] == {"subject": lotus, "number": 1, "restrictions": ["recruiting"]}
        assert (receiver.heads[0]["idempotency-key"], receiver.heads[0]["webhook-id"]) == (key, key)


@pytest.mark.parametrize("lost", ["none", "503 Service Unavailable", "429 Too Many Requests"])
async def test_an_answer_that_is_lost_is_asked_for_again_under_the_same_key(house: House, lost: str) -> None:
    async with receiving(lost, lost) as (receiver, platform), engine_with(house, platform) as (door, _):
        lotus = await suspended(house, door)
        await until(lambda: len(receiver.raw) >= 3)
        assert len({head["idempotency-key"] for head in receiver.heads}) == 1
        async with asyncio.timeout(20):
            while told(house, lotus) != {"recruiting"}:
                await asyncio.sleep(0.05)


async def test_a_refusal_is_put_before_ops_and_not_repeated(house: House) -> None:
    async with receiving("422 Unprocessable") as (receiver, platform), engine_with(house, platform) as (door, _):
        lotus = await suspended(house, door)
        query = sa.select(incidents).where(incidents.c.subject == lotus)
        async with asyncio.timeout(20):
            while True:
                with house.engine.connect() as connection:
                    found = connection.execute(query).mappings().all()
                if found:
                    break
                await asyncio.sleep(0.05)
        assert [(row["kind"], row["facts"]["answer"]) for row in found] == [("platform_refused", "422")]
        assert len(receiver.raw) == 1


async def test_killed_between_the_platforms_answer_and_its_record_nothing_is_told_under_another_key(
    house: House,
) -> None:
    async with receiving() as (receiver, platform):
        lotus, _ = await agency(house, "lotus")
        with house.engine.begin() as connection:
            connection.execute(
                sa.text("INSERT INTO standings (subject, told, number, stirred) VALUES (:s, '{}', 1, true)"),
                {"s": lotus},
            )
        enforce = Enforce(house.engine, platform)
        with house.engine.begin() as connection:
            key = hashlib.sha256(f"{lotus}\n1".encode()).hexdigest()
            values = {"key": key, "subject": lotus, "number": 1, "restrictions": ["live"]}
            connection.execute(sa.insert(tellings), values | {"decided_at": house.clock.now()})
        # The first courier died after the call and before the record: the same activity runs again.
        await platform.tell(pending(house, lotus), house.clock.now())
        await enforce.tell(Round(subject=lotus, at=house.clock.now()))
        await enforce.tell(Round(subject=lotus, at=house.clock.now()))
        assert [head["idempotency-key"] for head in receiver.heads] == [key, key]
        assert told(house, lotus) == {"live"}


async def test_killed_between_commit_and_look_the_sweep_wakes_appeal_and_courier(house: House, door: Door) -> None:
    (_, jan), (lotus, ann) = await agency(house, "jade"), await agency(house, "lotus")
    mia = await person(house, Role.MODERATOR)
    report = (await send(door, jan, "report", against=lotus, clause="agency.poaching", details="seen"))["case"]
    appeal = (await send(door, ann, "appeal", of=report, grounds="we did not"))["case"]
    await send(door, mia, "claim", case=report)
    # The verdict is committed by a worker that dies before it looks: the transaction alone.
    with house.engine.begin() as connection:
        command, _, texts = door.sending(
            mia,
            "decide",
            {"case": report, "finding": "violation", "severity": "moderate", "reasons": "checked"},
            new("key"),
        )
        text.write(connection, texts)
    commit = Commit(house.engine, house.key, Looker(house.client, house.settings.task_queue))
    commit._commit(Request(case=report, at=house.clock.now(), command=command), house.clock.now)  # noqa: SLF001
    looker = Looker(house.client, house.settings.task_queue)

    async def caught_up() -> bool:
        await sweep(house.engine, looker, house.clock.now)
        with house.engine.connect() as connection:
            row = cases.read(connection, appeal)
        return (
            row is not None and row.status is Status.QUEUED and not row.stirred and told(house, lotus) == {"recruiting"}
        )

    async with asyncio.timeout(40):
        while not await caught_up():
            await asyncio.sleep(0.5)
    adopted = await house.client.get_workflow_handle(appeal).query("adopted")
    assert adopted["status"] == Status.QUEUED


def prepare(house: House, subject: str, number: int, restriction: str) -> None:
    """What a courier leaves that has written a telling, and then died."""
    with feeding(house) as connection:
        restrictions.stir(connection, subject)
        restrictions.prepare(connection, subject, number, [restriction], house.clock.now())
        now = restrictions.lock(connection, subject)
        assert now is not None
        restrictions.settle(connection, subject, now, number=number, next_at=None)


def pending(house: House, subject: str) -> Telling:
    with house.engine.connect() as connection:
        found = restrictions.pending(connection, subject)
    assert found is not None
    return found


async def test_a_platform_that_is_slow_is_left_to_an_activity_and_holds_up_no_other_survey(house: House) -> None:
    rounds = []
    for _ in range(2):
        subject, _ = await agency(house)
        rounds.append(Round(subject=subject, at=house.clock.now()))
        prepare(house, subject, 1, "recruiting")

    class Silent:
        asked = 0

        async def tell(self, _telling: Telling, _at: datetime) -> None:
            self.asked += 1
            await asyncio.Event().wait()

    platform = Silent()
    enforce = Enforce(house.engine, platform)
    async with asyncio.timeout(5):
        found = [await enforce.survey(round_) for round_ in rounds]
    assert [survey.to_tell for survey in found] == [True, True]
    assert platform.asked == 1
    assert [pending(house, round_.subject).number for round_ in rounds] == [1, 1]


async def test_what_was_told_at_once_is_recorded_with_what_changed_meanwhile(house: House) -> None:
    subject, _ = await agency(house)
    round_ = Round(subject=subject, at=house.clock.now())
    prepare(house, subject, 1, "recruiting")

    class Prompt:
        numbers: ClassVar[list[int]] = []

        async def tell(self, telling: Telling, _at: datetime) -> None:
            self.numbers.append(telling.number)

    # Nothing is in force: what an earlier courier meant to tell is told, and then taken back.
    enforce = Enforce(house.engine, Prompt())
    assert (await enforce.survey(round_)).to_tell
    assert told(house, subject) == {"recruiting"}
    assert not (await enforce.survey(round_)).to_tell
    assert (told(house, subject), Prompt.numbers) == (frozenset(), [1, 2])


async def test_an_answer_that_comes_late_takes_nothing_back(house: House) -> None:
    subject, _ = await agency(house)
    round_ = Round(subject=subject, at=house.clock.now())

    class Slow:
        """While its first answer is on the way, the next attempt is answered, and a newer telling too."""

        calls = 0

        async def tell(self, _telling: Telling, _at: datetime) -> None:
            self.calls += 1
            if self.calls == 1:
                await enforce.tell(round_)
                prepare(house, subject, 2, "gifts")
                await enforce.tell(round_)

    enforce = Enforce(house.engine, Slow())
    prepare(house, subject, 1, "recruiting")
    await enforce.tell(round_)
    with house.engine.connect() as connection:
        assert dict(restrictions.informed(connection))[subject] == {"gifts"}
