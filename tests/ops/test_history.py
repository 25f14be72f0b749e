"""What is read of Temporal's histories: those kept for replay, and one with errors."""

import asyncio
import base64
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import new
from google.protobuf.json_format import ParseDict
from temporalio import activity, workflow
from temporalio.api.common.v1 import Payload
from temporalio.api.history.v1 import History as Told
from temporalio.client import Client
from temporalio.converter import PayloadCodec
from temporalio.worker import Worker

from ops.history import TASK, History, history, of_events
from workers.reach import House

KEPT = Path(__file__).parents[1] / "workflows" / "histories"
AT = "2026-03-02T02:00:{:02}Z"


def read(name: str) -> History:
    return of_events(ParseDict(json.loads((KEPT / f"{name}.json").read_text("utf-8")), Told()).events)


def event(number: int, kind: str, **facts: Any) -> dict[str, Any]:
    name = "".join(word.title() for word in kind.split("_"))
    attributes = f"{name[0].lower()}{name[1:]}EventAttributes"
    told = {"eventId": number, "eventTime": AT.format(number), "eventType": f"EVENT_TYPE_{kind}"}
    return told | {attributes: facts}


def payload(value: Any) -> dict[str, Any]:
    plain, data = (base64.b64encode(one).decode() for one in (b"json/plain", json.dumps(value).encode()))
    return {"payloads": [{"metadata": {"encoding": plain}, "data": data}]}


def test_each_timer_says_in_which_status_it_was_armed_and_how_it_ended() -> None:
    timers = read("lease_ran_out.report").timers
    assert [(one.status, one.fired) for one in timers][:3] == [("queued", False), ("claimed", True), ("queued", False)]
    lease = timers[1]
    assert lease.ended_at is not None
    assert abs((lease.ended_at - lease.due_at).total_seconds()) < 2


def test_a_couriers_attempts_and_pauses_are_read_too() -> None:
    courier = read("told_in_vain.receiver")
    assert {(one.name, one.number, one.error) for one in courier.attempts} == {("deliver", 1, None)}
    assert len(courier.attempts) == 10
    assert {one.status for one in courier.timers} == {None}


def test_what_failed_says_its_kind_and_one_line_and_the_pause_after_it_is_no_deadline() -> None:
    failure = {
        "message": "activity error",
        "cause": {"message": "no connection\nDETAIL: kim", "applicationFailureInfo": {"type": "OperationalError"}},
    }
    done = {"activity_type": "commit", "attempt": 1, "backoff": {"seconds": 6, "nanos": 0}}
    again = done | {"attempt": 7, "backoff": None}
    local = {"markerName": "core_local_activity"}
    waits = {"timerId": "1", "startToFireTimeout": "6s"}
    told = of_events(
        ParseDict(
            {
                "events": [
                    event(1, "WORKFLOW_TASK_FAILED", cause="WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR"),
                    event(2, "MARKER_RECORDED", **local, details={"data": payload(done)}, failure=failure),
                    event(3, "TIMER_STARTED", **waits),
                    event(4, "TIMER_FIRED", startedEventId=3),
                    event(
                        5,
                        "MARKER_RECORDED",
                        **local,
                        details={"data": payload(again), "result": payload({"now": {"status": "open"}})},
                    ),
                    event(6, "TIMER_STARTED", **waits),
                ]
            },
            Told(),
        ).events
    )
    assert [(one.name, one.number, one.error) for one in told.attempts] == [
        (TASK, 1, "non_deterministic_error"),
        ("commit", 1, "OperationalError: no connection"),
        ("commit", 7, None),
    ]
    assert [(one.status, one.ended_at) for one in told.timers] == [("open", None)]


class Turned(PayloadCodec):
    """Turns the bytes of payloads round, as one that encrypts would make them unreadable."""

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [Payload(metadata={"encoding": b"turned"}, data=one.SerializeToString()[::-1]) for one in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [
            Payload.FromString(one.data[::-1]) if one.metadata["encoding"] == b"turned" else one for one in payloads
        ]


@activity.defn(name="commit")
async def committed(turn: int) -> dict[str, Any]:
    return {"now": {"status": ("queued", "claimed")[turn]}}


@workflow.defn(name="in_two_runs", sandboxed=False)
class InTwoRuns:
    @workflow.run
    async def run(self, turn: int) -> None:
        await workflow.execute_local_activity(committed, turn, start_to_close_timeout=timedelta(seconds=10))
        if turn == 0:
            lease = asyncio.create_task(workflow.sleep(timedelta(hours=1)))
            await workflow.sleep(timedelta(milliseconds=10))
            lease.done()
            workflow.continue_as_new(1)


async def test_a_case_that_was_continued_as_new_is_read_from_its_first_run_on_through_a_codec(house: House) -> None:
    config = house.client.service_client.config
    turned = replace(house.client.data_converter, payload_codec=Turned())
    client = await Client.connect(config.target_host, namespace=house.client.namespace, data_converter=turned)
    name = new("in-two-runs")
    async with Worker(client, task_queue=name, workflows=[InTwoRuns], activities=[committed]):
        await client.execute_workflow(InTwoRuns.run, 0, id=name, task_queue=name)
    told = await history(client, name)
    assert [(one.name, one.error) for one in told.attempts] == [("commit", None), ("commit", None)]
    ended = sorted((one.status, one.fired, one.ended_at is not None) for one in told.timers)
    assert ended == [("queued", False, True), ("queued", True, True)], "what was armed ended with its run"
    assert told.running is False


@pytest.mark.parametrize("file", sorted(KEPT.glob("*.json")), ids=lambda file: file.stem)
def test_every_kept_history_is_read_and_says_nothing_of_what_was_sent(file: Path) -> None:
    told = read(file.stem)
    assert told.attempts
    assert all(one.error is None for one in told.attempts)
    assert told.builds
