"""What is read of Temporal's histories: those kept for replay, and one with errors."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import ParseDict
from temporalio.api.history.v1 import History as Told

from ops.history import TASK, History, of_events

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
    return {"payloads": [{"data": base64.b64encode(json.dumps(value).encode()).decode()}]}


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


@pytest.mark.parametrize("file", sorted(KEPT.glob("*.json")), ids=lambda file: file.stem)
def test_every_kept_history_is_read_and_says_nothing_of_what_was_sent(file: Path) -> None:
    told = read(file.stem)
    assert told.attempts
    assert all(one.error is None for one in told.attempts)
    assert told.builds
