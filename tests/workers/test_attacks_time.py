"""Whoever reaches Temporal can write any message there. None of them moves the time of a production worker."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from clocks import Town, town
from conftest import new, person
from outside import Receiver, until
from pydantic import SecretStr
from temporalio import workflow
from temporalio.client import WorkflowHandle
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.command import Answer, Request, Start
from activities.courier.enforce import Round
from activities.names import CASE, COMMAND, COMMIT, LOOK, STANDING, SURVEY, WEBHOOK
from states.terms import Code, Role, Status
from store import delivery, restrictions, webhook
from store.schema.standing import tellings
from store.schema.webhooks import Event
from workers.reach import House

YEARS = timedelta(days=400)


@asynccontextmanager
async def platform() -> AsyncIterator[tuple[Receiver, dict[str, Any]]]:
    """A platform that answers; and the settings by which an engine tells it."""
    receiver = Receiver(usual="200 OK")
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/standing"
    async with server:
        yield receiver, {"platform_url": receiver.url, "platform_key": SecretStr("the platform's own secret")}


async def intrude(on: Town, kind: str, about: str, ahead: timedelta, workflow_id: str | None = None) -> str:
    """Start a workflow of ours, as anybody can who reaches Temporal: about a row, at a time of one's own."""
    start = Start(id=about, at=on.house.clock.now() + ahead)
    found = workflow_id or new("intruder")
    await on.house.client.start_workflow(kind, start, id=found, task_queue=on.house.settings.task_queue)
    return found


@pytest.mark.parametrize("ahead", [YEARS, -YEARS])
async def test_a_case_that_says_another_time_closes_no_open_window(house: House, ahead: timedelta) -> None:
    async with town(house) as here:
        case, _ = await here.decided()
        before = here.case(case)
        intruder = await intrude(here, CASE, case, ahead)
        assert (await here.adopted(intruder)).deadline_at == before.deadline_at
        await here.house.client.get_workflow_handle(intruder).signal(LOOK)
        await asyncio.sleep(1)
        assert here.case(case) == before
        assert (before.status, before.version) == (Status.OPEN, len(here.lines(case)))
        assert await here.events(intruder) < 20, "it waits for the deadline, and does not ask again and again"


async def test_a_case_whose_workflow_was_replaced_by_one_of_next_year_lives_on(house: House) -> None:
    async with town(house, override={"appeals.window": "4 seconds"}) as here:
        case, _ = await here.decided()
        await here.house.client.get_workflow_handle(case).terminate("by an intruder")
        await intrude(here, CASE, case, YEARS, workflow_id=case)
        assert (await here.adopted(case)).status is Status.OPEN
        await until(lambda: here.case(case).status is Status.CLOSED)
        line = here.lines(case)[-1]
        assert (line["event"], line["at"]) == ("window_over", here.lines(case)[-2]["at"] + timedelta(seconds=4))
        assert here.house.clock.now() >= line["at"]


@pytest.mark.parametrize("ahead", [YEARS, -YEARS])
async def test_a_courier_that_says_another_time_tells_the_platform_nothing_false(
    house: House, ahead: timedelta
) -> None:
    async with platform() as (receiver, settings), town(house, **settings) as here:
        _, lotus = await here.decided()
        await until(lambda: known(here, lotus) == {"recruiting"})
        intruder = await intrude(here, STANDING, lotus, ahead)
        await asyncio.sleep(1.5)
        assert receiver.bodies == [{"subject": lotus, "number": 1, "restrictions": ["recruiting"]}]
        assert await here.events(intruder) < 20
        assert told(here) == 1


def told(on: Town) -> int:
    """How many tellings were written."""
    with on.house.engine.connect() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(tellings)).scalar_one()


def known(on: Town, subject: str) -> frozenset[str]:
    with on.house.engine.connect() as connection:
        return dict(restrictions.informed(connection)).get(subject, frozenset())


async def test_a_receiver_s_courier_that_says_another_time_sends_nothing_early(house: House) -> None:
    async with platform() as (receiver, _), town(house) as here:
        receiver.usual = "503 Away"
        row = {"id": new("wh"), "agency": None, "url": receiver.url, "secret": "whsec_dGhlIHNlY3JldCBvZiBhIHRlc3Q="}
        made = {"events": ["notice.sent"], "created_at": here.house.clock.now(), "created_by": "platform"}
        with here.house.engine.begin() as connection:
            webhook.add(connection, row | made)
            told = {"webhook": row["id"], "event": Event.NOTICE_SENT, "payload": {"template": "x"}}
            delivery.post(connection, [told], here.house.clock.now())
        await intrude(here, WEBHOOK, str(row["id"]), timedelta())
        await until(lambda: receiver.raw)
        intruder = await intrude(here, WEBHOOK, str(row["id"]), YEARS)
        await asyncio.sleep(1.5)
        assert len(receiver.raw) == 1, "the next attempt is due 5 s after the first"
        assert await here.events(intruder) < 20


@workflow.defn(name="Thief")
class Thief:
    """A workflow of somebody else's, which has our activities carried out by our worker."""

    @workflow.run
    async def run(self, name: str, queue: str, said: dict[str, Any]) -> Any:
        return await workflow.execute_activity(
            name, said, task_queue=queue, start_to_close_timeout=timedelta(seconds=10)
        )


async def test_an_activity_that_a_foreign_workflow_asks_for_acts_at_the_worker_s_time(house: House) -> None:
    async with town(house) as here:
        case, lotus = await here.decided()
        await until(lambda: known(here, lotus) == {"recruiting"})
        before, march = here.case(case), here.house.clock.now() + YEARS
        asked = {
            COMMIT: Request(case=case, at=march).model_dump(mode="json"),
            SURVEY: Round(subject=lotus, at=march).model_dump(mode="json"),
        }
        queue, thieves = here.house.settings.task_queue, new("thieves")
        runner = UnsandboxedWorkflowRunner()
        async with Worker(house.client, task_queue=thieves, workflows=[Thief], workflow_runner=runner):
            for name, said in asked.items():
                await house.client.execute_workflow("Thief", args=[name, queue, said], id=new("t"), task_queue=thieves)
        assert here.case(case) == before
        assert told(here) == 1


async def test_a_command_of_before_is_refused_also_by_a_case_that_says_it_is_not_over(house: House) -> None:
    """Somebody kept a signed command, and sends it when it is no longer wanted, to a workflow of last year."""
    async with town(house) as here:
        case, _, _ = await here.queued()
        mia = await person(here.house, Role.MODERATOR)
        command = here.door.sending(mia, "claim", {"case": case}, new("key")).command
        late = command.model_copy(update={"wanted_until": here.house.clock.now() - timedelta(seconds=1)})
        intruder = await intrude(here, CASE, case, -YEARS)
        handle: WorkflowHandle[Any, Any] = house.client.get_workflow_handle(intruder)
        answer: Answer = await handle.execute_update(COMMAND, late.signed(house.key), result_type=Answer)
        assert answer.refusal is not None
        assert answer.refusal.code is Code.UNAVAILABLE
        assert here.case(case).status is Status.QUEUED
