"""Whoever reaches Temporal can write any message there. None of them moves the time of a production worker."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from clocks import REPORT, Town, town
from conftest import agency, new, person, send
from outside import Receiver, until
from pydantic import SecretStr
from temporalio import workflow
from temporalio.client import Client, WorkflowHandle
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.command import Answer, Refusal, Request, Start
from activities.courier.enforce import Round
from activities.names import CASE, COMMAND, COMMIT, LOOK, STANDING, SURVEY, WEBHOOK
from desk.door.door import Door
from states.terms import Code, RefusedError, Role, Status
from store import delivery, restrictions, webhook
from store.schema.cases import cases
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


def summary(**case: Any) -> dict[str, Any]:
    return {"kind": "report", "stage": "under_review", "status": "queued", "outcome": None, "version": 2, **case}


# What a foreign worker answers to whatever it is asked.
LIES: dict[str, Any] = {
    "done": {"answer": summary(case="report-1", at="2026-03-02T02:00:00+00:00", of=None), "signature": "0" * 64},
    "refused": {"refusal": {"code": "quota_exhausted", "key": "as_said", "values": {"sentence": "No."}}},
    "strange": {"answer": summary(case="report-1"), "signature": "\u2603"},
    "nonsense": "yes",
}


@workflow.defn(name=CASE, sandboxed=False)
class Foreign:
    """Has the name of ours, and answers each command with the lie that its queue is called by."""

    @workflow.run
    async def run(self, _: Any) -> None:
        await workflow.sleep(60)

    @workflow.update(name=COMMAND)
    async def command(self, _: Any) -> Any:
        return LIES.get(workflow.info().task_queue.partition(".")[2], LIES["done"])


async def test_what_a_foreign_worker_answers_is_neither_done_nor_refused(house: House) -> None:
    """The desk goes on asking until the command is no longer wanted, and says that there was no answer."""
    async with town(house) as here:
        (_, jan), (lotus, _) = await agency(here.house, "jade"), await agency(here.house, "lotus")

        async def lied_to(lie: str) -> RefusedError:
            queue = f"{new('foreign')}.{lie}"
            worker = Worker(house.client, task_queue=queue, workflows=[Foreign])
            async with worker, Door.of(here.house, queue) as door:
                with pytest.raises(RefusedError) as caught:
                    await send(door, jan, "report", against=lotus, **REPORT)
            return caught.value

        told = await asyncio.gather(*(lied_to(lie) for lie in LIES))
        assert [(one.code, one.key) for one in told] == [(Code.UNAVAILABLE, "unavailable")] * len(LIES)
        with here.house.engine.connect() as connection:
            assert connection.execute(sa.select(sa.func.count()).select_from(cases)).scalar() == 0


async def test_beside_a_foreign_worker_what_is_said_to_be_done_has_its_row(house: House) -> None:
    async with town(house) as here:
        (_, jan), (lotus, _) = await agency(here.house, "jade"), await agency(here.house, "lotus")
        config = house.client.service_client.config
        theirs = await Client.connect(config.target_host, data_converter=pydantic_data_converter)
        async with Worker(theirs, task_queue=here.house.settings.task_queue, workflows=[Foreign]):
            sent = (send(here.door, jan, "report", against=lotus, **REPORT) for _ in range(8))
            answers = await asyncio.gather(*sent, return_exceptions=True)
        done = [one["case"] for one in answers if isinstance(one, dict)]
        assert [one.code for one in answers if isinstance(one, RefusedError)] == [Code.UNAVAILABLE] * (8 - len(done))
        assert all(here.case(case).status is Status.QUEUED for case in done)


async def test_an_answer_to_one_sending_proves_nothing_of_another(house: House) -> None:
    """A kept answer, said again to a later command."""
    async with town(house) as here:
        case, _, _ = await here.queued()
        mia = await person(here.house, Role.MODERATOR)
        first, second = [here.door.sending(mia, "claim", {"case": case}, new("key")).command for _ in range(2)]
        handle: WorkflowHandle[Any, Any] = house.client.get_workflow_handle(case)
        answer: Answer = await handle.execute_update(COMMAND, first, result_type=Answer)
        assert answer.proven(house.key, first)
        assert not answer.proven(house.key, second)
        assert not answer.proven(b"somebody else's key", first)
        assert not answer.model_copy(update={"refusal": Refusal(code=Code.FORBIDDEN, key="x")}).proven(house.key, first)
        again = await handle.execute_update(COMMAND, second, result_type=Answer)
        assert again.refusal is not None
        assert again.proven(house.key, second)
        assert not again.model_copy(update={"refusal": None}).proven(house.key, second)
