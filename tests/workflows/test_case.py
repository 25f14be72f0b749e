"""The case's workflow keeps time for its row: whoever wakes it, it reads the row first and follows it."""

import asyncio

import pytest
from conftest import agency, new, person, send
from temporalio.client import WorkflowExecutionStatus, WorkflowHandle
from temporalio.service import RPCError

from activities.command import Adopted, Answer, Request, Start
from activities.look import Looker, Woken
from activities.move.commit import Commit
from activities.names import CASE, LOOK
from desk.door.door import Door
from states.terms import Role
from store import case as cases
from store import text
from workers.reach import House

REPORT = {"clause": "agency.poaching", "details": "seen on stream"}


@pytest.fixture(scope="module")
def looker(house: House) -> Looker:
    return Looker(house.client, house.settings.task_queue)


def row(house: House, case: str) -> Adopted | None:
    with house.engine.connect() as connection:
        found = cases.read(connection, case)
    return Adopted(status=found.status, version=found.version, deadline_at=found.deadline_at) if found else None


async def adopted(house: House, case: str) -> Adopted | None:
    """What the workflow has of its row, once it has read it."""
    handle: WorkflowHandle[object, object] = house.client.get_workflow_handle(case)
    async with asyncio.timeout(10):
        while True:
            try:
                now: Adopted | None = await handle.query("adopted", result_type=Adopted)
            except RPCError:
                now = None
            if now is not None:
                return now
            await asyncio.sleep(0.05)


async def queued(house: House, door: Door) -> tuple[str, str]:
    (_, jan), (lotus, _) = await agency(house, "jade"), await agency(house, "lotus")
    return (await send(door, jan, "report", against=lotus, **REPORT))["case"], jan


async def test_a_case_whose_workflow_was_lost_gets_a_new_one_that_adopts_its_row(
    house: House, door: Door, looker: Looker
) -> None:
    """As after the loss of Temporal's store: rows, and no workflow."""
    (_, jan), (lotus, _) = await agency(house, "jade"), await agency(house, "lotus")
    with house.engine.begin() as connection:
        command, _, texts = door.sending(jan, "report", REPORT | {"against": lotus}, new("key"))
        text.write(connection, texts)
    commit = Commit(house.engine, house.key, looker)
    answer = await commit.commit(Request(case=command.case, at=house.clock.now(), command=command))
    assert answer.now is not None
    await looker.wake(Woken([command.case]), house.clock.now())
    assert await adopted(house, command.case) == answer.now
    await send(door, jan, "withdraw", case=command.case)
    await house.client.get_workflow_handle(command.case).result()


async def test_a_terminated_workflow_is_replaced_by_the_next_command(house: House, door: Door) -> None:
    case, _ = await queued(house, door)
    mia = await person(house, Role.MODERATOR)
    await house.client.get_workflow_handle(case).terminate("lost")
    assert (await send(door, mia, "claim", case=case))["version"] == 3
    assert await adopted(house, case) == row(house, case)


async def test_a_workflow_without_a_row_ends(house: House, looker: Looker) -> None:
    case = new("report-of-nobody")
    await looker.wake(Woken([case]), house.clock.now())
    handle = house.client.get_workflow_handle(case)
    await handle.result()
    assert (await handle.describe()).status is WorkflowExecutionStatus.COMPLETED
    assert row(house, case) is None


async def test_a_workflow_of_a_closed_case_ends_and_changes_nothing(house: House, door: Door, looker: Looker) -> None:
    case, jan = await queued(house, door)
    await send(door, jan, "withdraw", case=case)
    await house.client.get_workflow_handle(case).result()
    closed = row(house, case)
    await looker.wake(Woken([case]), house.clock.now())
    await house.client.get_workflow_handle(case).result()
    assert row(house, case) == closed


async def test_a_crowd_of_looks_reads_the_row_a_few_times_only(house: House, door: Door) -> None:
    case, _ = await queued(house, door)
    before = row(house, case)
    handle = house.client.get_workflow_handle(case)
    await asyncio.gather(*(handle.signal(LOOK) for _ in range(100)))
    assert await adopted(house, case) == before
    history = await handle.fetch_history()
    signals = sum(event.HasField("workflow_execution_signaled_event_attributes") for event in history.events)
    markers = sum(event.HasField("marker_recorded_event_attributes") for event in history.events)
    assert signals == 100
    assert markers < 60


async def test_a_submission_is_made_by_the_run_itself(house: House, door: Door) -> None:
    """The first move needs no update: a start whose update is lost opens the case all the same."""
    (_, jan), (lotus, _) = await agency(house, "jade"), await agency(house, "lotus")
    with house.engine.begin() as connection:
        command, _, texts = door.sending(jan, "report", REPORT | {"against": lotus}, new("key"))
        text.write(connection, texts)
    start = Start(id=command.case, at=house.clock.now(), first=command)
    await house.client.start_workflow(CASE, start, id=command.case, task_queue=house.settings.task_queue)
    now = await adopted(house, command.case)
    assert now is not None
    assert now == row(house, command.case)
    answer: Answer = await house.client.get_workflow_handle(command.case).execute_update(
        "command", command, result_type=Answer
    )
    assert answer.answer is not None
    assert answer.now == now
