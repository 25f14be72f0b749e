"""The door: a wish is carried out once, however often, from wherever and at whatever moment it is sent."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from conftest import agency, new, person, send
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import WorkflowExecutionStatus
from temporalio.service import RPCError

from activities.command import Adopted, Answer, Command, Request, case_id, command_id
from activities.look import Looker
from activities.move.commit import Commit
from activities.names import COMMAND
from desk.door.carrier import Carrier
from desk.door.door import Door
from states.terms import Code, Kind, RefusedError, Role
from store import case as cases
from store import text
from store.journal import timeline
from store.schema.cases import texts
from workers.reach import House
from workers.sweep import sweep

DETAILS = {"clause": "agency.poaching", "details": "seen on stream"}


@pytest.fixture(scope="module")
async def mia(house: House) -> str:
    return await person(house, Role.MODERATOR)


async def queued(house: House, door: Door) -> tuple[str, str]:
    """A report that waits for a claim: its id, and who filed it."""
    (_, jan), (lotus, _) = await agency(house, "jade"), await agency(house, "lotus")
    told = await send(door, jan, "report", against=lotus, **DETAILS)
    return told["case"], jan


def journal(house: House, case: str) -> list[tuple[str, str | None]]:
    with house.engine.connect() as connection:
        return [(line["event"], line["command"]) for line in timeline(connection, case)]


def row(house: House, case: str) -> Adopted:
    with house.engine.connect() as connection:
        found = cases.read(connection, case)
    assert found is not None
    return Adopted(status=found.status, version=found.version, deadline_at=found.deadline_at)


async def refusal(sending: Any) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        await sending
    return caught.value


def signed(house: House, case: str, actor: str, event: str = "claim", *, wanted: float = 10) -> Command:
    """A command as a desk makes it, to be sent past the door."""
    identity = command_id(actor, new("key"))
    return Command(
        id=identity,
        case=case,
        kind=Kind.REPORT,
        event=event,
        actor=actor,
        args={},
        texts={},
        body=identity,
        wanted_until=house.clock.now() + timedelta(seconds=wanted),
    ).signed(house.key)


async def update(house: House, command: Command) -> Answer:
    """Send a command past the door, to the case's workflow itself."""
    answer: Answer = await house.client.get_workflow_handle(command.case).execute_update(
        COMMAND, command, result_type=Answer
    )
    return answer


async def updates(house: House, case: str) -> int:
    """How many commands its workflow has accepted."""
    events = (await house.client.get_workflow_handle(case).fetch_history()).events
    return sum(event.HasField("workflow_execution_update_accepted_event_attributes") for event in events)


async def test_a_wish_sent_twice_is_carried_out_once_and_answered_alike(house: House, door: Door, mia: str) -> None:
    case, _ = await queued(house, door)
    key = new("key")
    first, second = [await door.send(mia, "claim", {"case": case}, key=key) for _ in range(2)]
    assert first == second
    assert (first["status"], first["version"]) == ("claimed", 3)
    assert [event for event, _ in journal(house, case)] == ["submit", "queue", "claim"]


async def test_a_report_sent_twice_opens_one_case(house: House, door: Door) -> None:
    (_, jan), (lotus, _) = await agency(house, "jade"), await agency(house, "lotus")
    key = new("key")
    told = await asyncio.gather(*(door.send(jan, "report", DETAILS | {"against": lotus}, key=key) for _ in range(10)))
    assert all(each == told[0] for each in told)
    assert len(journal(house, told[0]["case"])) == 2


async def test_one_wish_of_forty_senders_has_one_effect_and_one_answer(house: House, door: Door, mia: str) -> None:
    for _ in range(3):
        case, _ = await queued(house, door)
        key = new("key")
        sent = (door.send(mia, "claim", {"case": case}, key=key) for _ in range(40))
        told = await asyncio.gather(*sent, return_exceptions=True)
        assert [each for each in told if each != told[0]] == []
        lines = [line for line in journal(house, case) if line[0] == "claim"]
        assert lines == [("claim", command_id(mia, key))]


async def test_of_forty_moderators_who_claim_at_once_one_wins(house: House, door: Door) -> None:
    case, _ = await queued(house, door)
    crowd = [await person(house, Role.MODERATOR) for _ in range(40)]
    told = await asyncio.gather(*(send(door, who, "claim", case=case) for who in crowd), return_exceptions=True)
    winners = [who for who, each in zip(crowd, told, strict=True) if isinstance(each, dict)]
    codes = [each.code for each in told if isinstance(each, RefusedError)]
    assert len(winners) == 1
    assert codes == [Code.ALREADY_CLAIMED] * 39
    with house.engine.connect() as connection:
        found = cases.read(connection, case)
    assert found is not None
    assert [found.claimed_by] == winners
    assert len(journal(house, case)) == 3
    assert await updates(house, case) == 2, "one report and one claim: who comes too late does not trouble the workflow"


async def test_who_was_answered_or_is_refused_waits_for_nobody_s_turn(house: House, door: Door, mia: str) -> None:
    case, jan = await queued(house, door)
    key = new("key")
    told = await door.send(mia, "claim", {"case": case}, key=key)
    assert isinstance(door.carrier, Carrier)
    async with door.carrier.turns.of(case, 1), asyncio.timeout(5):  # as if somebody's command had no answer yet
        assert await door.send(mia, "claim", {"case": case}, key=key) == told
        with pytest.raises(RefusedError) as refused:
            await send(door, jan, "claim", case=case)
    assert refused.value.code is Code.ALREADY_CLAIMED


async def test_who_had_to_wait_is_asked_for_again(house: House, door: Door, mia: str) -> None:
    """What came meanwhile counts: another's claim, or the answer to the very same wish."""
    case, _ = await queued(house, door)
    key, other = new("key"), await person(house, Role.MODERATOR)
    first = asyncio.create_task(door.send(mia, "claim", {"case": case}, key=key))
    again = asyncio.create_task(door.send(mia, "claim", {"case": case}, key=key))
    late = asyncio.create_task(send(door, other, "claim", case=case))
    answers = await asyncio.gather(first, again, late, return_exceptions=True)
    codes = [each.code if isinstance(each, RefusedError) else "claimed" for each in answers]
    assert codes in (["claimed"] * 2 + [Code.ALREADY_CLAIMED], [Code.ALREADY_CLAIMED] * 2 + ["claimed"])
    assert answers[0] == answers[1] or codes[2] == "claimed"
    assert await updates(house, case) == 2


async def test_of_31_reports_at_once_30_get_in(house: House, door: Door) -> None:
    (jade, jan), (lotus, _) = await agency(house, "jade"), await agency(house, "lotus")
    keys = [new("key") for _ in range(31)]
    sent = (door.send(jan, "report", DETAILS | {"against": lotus}, key=key) for key in keys)
    told = await asyncio.gather(*sent, return_exceptions=True)
    refused = [each for each in told if isinstance(each, RefusedError)]
    assert sum(isinstance(each, dict) for each in told) == 30
    assert [each.code for each in refused] == [Code.QUOTA_EXHAUSTED]
    assert "opens_at" in refused[0].facts
    with house.engine.connect() as connection:
        slots = sa.text("SELECT slot FROM quota_slots WHERE agency = :jade AND given_back_at IS NULL")
        assert sorted(connection.execute(slots, {"jade": jade}).scalars()) == list(range(1, 31))
    lost = [key for key, each in zip(keys, told, strict=True) if each in refused]
    await nothing_is_left(house, command_id(jan, lost[0]))


async def nothing_is_left(house: House, identity: str) -> None:
    """Of a refused submission: no row, no text, no workflow that lives."""
    case = case_id(Kind.REPORT, identity, house.key)
    with house.engine.connect() as connection:
        assert cases.read(connection, case) is None
        kept = sa.select(texts.c.id).where(
            texts.c.id == text.text_id(house.key, identity, "details", DETAILS["details"])
        )
        assert connection.execute(kept).first() is None
    try:
        described = await house.client.get_workflow_handle(case).describe()
    except RPCError:
        return
    assert described.status is WorkflowExecutionStatus.COMPLETED


async def test_another_wish_under_the_same_key_is_refused(house: House, door: Door, mia: str) -> None:
    case, jan = await queued(house, door)
    key = new("key")
    await door.send(mia, "claim", {"case": case}, key=key)
    for verb, said in (("release", {"case": case}), ("escalate", {"case": case, "reasons": "hard"})):
        refused = await refusal(door.send(mia, verb, said, key=key))
        assert (refused.code, refused.field) == (Code.KEY_REUSED, "key")
    assert row(house, case).status == "claimed"
    assert await door.send(jan, "withdraw", {"case": case}, key=key)  # the key is the actor's own


async def test_two_wishes_under_one_key_at_once_are_not_both_told_yes(house: House, door: Door) -> None:
    """One is carried out, as its sender said it; the other is refused."""
    (_, jan), (lotus, _) = await agency(house, "jade"), await agency(house, "lotus")
    key = new("key")
    wishes = [DETAILS | {"against": lotus, "details": f"seen by {who}"} for who in ("ann", "bob")]
    told = await asyncio.gather(*(door.send(jan, "report", each, key=key) for each in wishes), return_exceptions=True)
    done = [wish for wish, each in zip(wishes, told, strict=True) if isinstance(each, dict)]
    codes = [(each.code, each.field) for each in told if isinstance(each, RefusedError)]
    assert (len(done), codes) == (1, [(Code.KEY_REUSED, "key")])
    identity = text.text_id(house.key, command_id(jan, key), "details", done[0]["details"])
    with house.engine.connect() as connection:
        assert text.bodies(connection, [identity]) == {identity: done[0]["details"]}


async def test_the_answer_outlives_the_case_and_its_history(house: House, door: Door) -> None:
    case, jan = await queued(house, door)
    key = new("key")
    told = await door.send(jan, "withdraw", {"case": case}, key=key)
    assert (told["status"], told["outcome"]) == ("closed", "withdrawn")
    await house.client.get_workflow_handle(case).result()
    request = DeleteWorkflowExecutionRequest(
        namespace=house.client.namespace, workflow_execution=WorkflowExecution(workflow_id=case)
    )
    await house.client.workflow_service.delete_workflow_execution(request)
    async with asyncio.timeout(10):
        while await exists(house, case):
            await asyncio.sleep(0.05)
    assert await door.send(jan, "withdraw", {"case": case}, key=key) == told
    assert await exists(house, case) is False
    assert (await refusal(send(door, jan, "withdraw", case=case))).code is Code.ILLEGAL_MOVE


async def exists(house: House, case: str) -> bool:
    try:
        await house.client.get_workflow_handle(case).describe()
    except RPCError:
        return False
    return True


async def test_an_unsigned_command_is_refused_and_changes_nothing(house: House, door: Door, mia: str) -> None:
    case, _ = await queued(house, door)
    before = row(house, case)
    command = signed(house, case, mia)
    sue = await person(house, Role.SENIOR_MODERATOR)
    forged = [
        command.model_copy(update={"signature": ""}),
        command.model_copy(update={"signature": "0" * 64}),
        command.signed(b"somebody else's key"),
        command.model_copy(update={"actor": sue}),
        command.model_copy(update={"event": "escalate"}),
        command.model_copy(update={"wanted_until": command.wanted_until + timedelta(days=1)}),
        command.model_copy(update={"args": {"to": "reporter"}}),
    ]
    for each in forged:
        answer = await update(house, each)
        assert answer.refusal is not None
        assert answer.refusal.code is Code.FORBIDDEN
        assert answer.answer is None
    assert row(house, case) == before
    assert len(journal(house, case)) == 2
    assert (await update(house, command)).refusal is None


async def test_a_command_that_nobody_wants_any_longer_is_refused(house: House, door: Door, mia: str) -> None:
    case, _ = await queued(house, door)
    before = row(house, case)
    answer = await update(house, signed(house, case, mia, wanted=-0.5))
    assert answer.refusal is not None
    assert answer.refusal.code is Code.UNAVAILABLE
    assert row(house, case) == before


async def test_what_was_told_to_have_failed_never_happens_later(house: House, door: Door, mia: str) -> None:
    """The case is locked for longer than the command is wanted, and the desk has given up waiting."""
    case, _ = await queued(house, door)
    before = row(house, case)
    with house.engine.begin() as connection:
        cases.lock(connection, case)
        sent = asyncio.create_task(update(house, signed(house, case, mia, wanted=1)))
        await asyncio.sleep(7.5)  # wanted for 1 s, and 5 s of grace
    answer = await sent
    assert answer.refusal is not None, answer
    assert answer.refusal.code is Code.UNAVAILABLE
    assert row(house, case) == before


async def test_a_sender_who_goes_away_is_let_go_at_once(house: House, door: Door, mia: str) -> None:
    """A cancelled request ends; it does not wait for the answer."""
    case, _ = await queued(house, door)
    with house.engine.begin() as connection:
        cases.lock(connection, case)
        sent = asyncio.create_task(send(door, mia, "claim", case=case))
        await asyncio.sleep(0.3)
        sent.cancel()
        done, _ = await asyncio.wait([sent], timeout=1.0)
    with pytest.raises(asyncio.CancelledError):
        await sent
    assert done


async def test_an_answer_from_the_row_does_not_hide_that_the_workflow_missed_it(
    house: House, door: Door, mia: str
) -> None:
    """The commit was done and its update lost; the sender asks again, and the workflow learns of it by the sweep."""
    case, _ = await queued(house, door)
    key = new("key")
    prepared = Commit(house.engine, house.key, Looker(house.client, house.settings.task_queue))
    command, _, _ = door.sending(mia, "claim", {"case": case}, key)
    answer = await prepared.commit(Request(case=case, at=house.clock.now(), command=command))
    assert await door.send(mia, "claim", {"case": case}, key=key) == answer.answer
    later = house.clock.now() + timedelta(minutes=1)
    await sweep(house.engine, Looker(house.client, house.settings.task_queue), lambda: later)
    handle = house.client.get_workflow_handle(case)
    async with asyncio.timeout(5):
        while await handle.query("adopted", result_type=Adopted) != row(house, case):
            await asyncio.sleep(0.1)


async def test_a_case_is_named_by_the_engine_alone(house: House, door: Door) -> None:
    """Nobody may open a case under an id of their own: ids are ours, and have no content."""
    (_, jan), (lotus, _) = await agency(house, "jade"), await agency(house, "lotus")
    said = DETAILS | {"against": lotus, "case": f"Nguyễn Văn A {new('case')}"}
    refused = await refusal(door.send(jan, "submit", said, key=new("key")))
    assert refused.code in {Code.INVALID, Code.NOT_FOUND}
