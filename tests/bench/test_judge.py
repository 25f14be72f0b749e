"""What the judge of a run under failures is shown wrong, in one way each, it names; what is right it leaves alone."""

import ast
import hashlib
import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowExecutionStatus

from bench.chaos import judge
from bench.chaos.judge.histories import ENCRYPTED, Known, Run, agree, story
from bench.chaos.judge.verdict import judged

KEY, NONCE = bytes(range(32)), bytes(12)
RUNNING, COMPLETED = WorkflowExecutionStatus.RUNNING, WorkflowExecutionStatus.COMPLETED
ANSWER = {"case": "report-1", "status": "queued", "version": 1, "at": "2026-11-27T12:00:00Z"}
SAID = {"clause": "agency.poaching", "against": "agency2"}
ASKED: dict[str, Any] = {"life": 1, "actor": "owner0", "verb": "report", "key": "1/report/", "said": SAID}
CONTROL: dict[str, Any] = {"control": 1, "actor": "owner1", "verb": "report", "said": SAID}
Wrong = Callable[[dict[str, Any], list[dict[str, Any]]], object]


def named(line: dict[str, Any]) -> str:
    return hashlib.sha256(f"{line['actor']}\n{line['key']}".encode()).hexdigest()


def right() -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A report that was filed and withdrawn, and the control's, filed again under another key."""
    withdrawn = {**ANSWER, "status": "closed", "version": 2, "at": "2026-11-27T12:00:01Z"}
    other = {**ASKED, "verb": "withdraw", "key": "1/withdraw/report-1", "said": {"case": "report-1"}}
    controls = [{**CONTROL, "key": f"control/1/{times}"} for times in (1, 2)]
    told = [
        {**ASKED, "status": 201, "told": ANSWER},
        {**other, "status": 200, "told": withdrawn},
        *controls,
        {**controls[1], "status": 201, "told": {**ANSWER, "case": "report-3"}},
        {**ASKED, "status": 201, "told": ANSWER, "again": True},
    ]
    filed = [("report-1", told[0]), ("report-2", told[2]), ("report-3", told[3])]
    rows: dict[str, list[dict[str, Any]]] = {
        "cases": [
            {"id": case, "kind": "report", "status": "queued", "version": 1, "stirred": False} for case, _ in filed
        ],
        "journal": [line(case, 1, "submit", one["actor"], "new", "queued") for case, one in filed],
        "commands": [
            {
                "id": named(one),
                "case": case,
                "actor": one["actor"],
                "event": "submit",
                "answer": {**ANSWER, "case": case},
            }
            for case, one in filed
        ],
        "scores": [],
        "slots": [
            {
                "case": case,
                "agency": f"agency{place > 0:d}",
                "month": "2026-11",
                "slot": place or 1,
                "given_back_at": None,
            }
            for place, (case, _) in enumerate(filed)
        ],
        "people": [{"id": f"owner{number}", "agency": f"agency{number}"} for number in (0, 1)],
        "tellings": [{"subject": "agency2", "number": 1, "told_at": "12:00", "restrictions": ["a"]}],
        "standings": [{"subject": "agency2", "told": ["a"], "stirred": False}],
        "logins": [{"name": "casework_house"}],
    }
    rows["cases"][0] |= {"status": "closed", "version": 2}
    rows["journal"].insert(1, line("report-1", 2, "withdraw", "owner0", "queued", "closed"))
    rows["commands"].append(
        {"id": named(other), "case": "report-1", "actor": "owner0", "event": "withdraw", "answer": withdrawn}
    )
    return rows, deepcopy(told)


def line(case: str, version: int, event: str, actor: str, source: str, target: str) -> dict[str, Any]:
    return {"case": case, "version": version, "event": event, "actor": actor, "source": source, "target": target}


def refused(code: str, actor: str = "owner0") -> dict[str, Any]:
    return {**ASKED, "actor": actor, "key": "9/report/", "status": 409, "told": {"code": code}}


def test_what_is_right_is_left_alone_and_the_control_has_doubled() -> None:
    found = judged(*right())
    assert (found.wrong, found.doubled, found.answers, found.again) == ([], 1, 3, 1)


WRONG: dict[str, tuple[Wrong, str]] = {
    "another body": (lambda _, told: told[0]["told"].update(of="report-9"), "stored is"),
    "another time": (lambda _, told: told[0]["told"].update(at="2026-11-27T12:00:01Z"), "stored is"),
    "a field less": (lambda rows, _: rows["commands"][0]["answer"].pop("at"), "stored is"),
    "of another case": (lambda rows, _: rows["commands"][0].update(case="report-2"), "is stored as"),
    "not stored": (lambda rows, _: rows["commands"].pop(0), "is not stored"),
    "another when asked again": (lambda _, told: told[-1].update(told={**ANSWER, "version": 2}), "asked again, was told"),
    "refused when asked again": (lambda _, told: told[-1].update(status=409, told={"code": "stale"}), "asked again, was told"),
    "another status": (lambda rows, _: rows["journal"][0].update(target="claimed"), "was told queued in version 1"),
    "unasked": (lambda _, told: told.pop(2), "asked for nothing of the kind"),
    "made twice": (lambda rows, _: rows["journal"].append({**rows["journal"][0], "version": 3}), "was made 2 times"),
    "stored twice": (lambda rows, _: rows["commands"].append(rows["commands"][0]), "of 2 commands"),
    "made of no command": (lambda rows, _: rows["commands"].pop(), "of 0 commands"),
    "refused": (lambda _, told: told.append(refused("illegal_move")), "was answered 409"),
    "refused by a free quota": (lambda _, told: told.append(refused("quota_exhausted")), "never used up"),
    "refused and done": (lambda _, told: told[0].update(refused("quota_exhausted"), key=ASKED["key"]), "and carried out"),
    "a line lost": (lambda rows, _: rows["journal"].pop(1), "report-1: lines [1]"),
    "a line elsewhere": (lambda rows, _: rows["journal"][1].update(source="claimed"), "by its journal"),
    "a case lost": (lambda rows, _: rows["cases"].pop(), "there is no such case"),
    "nobody looked": (lambda rows, _: rows["cases"][0].update(stirred=True), "nobody has looked"),
    "a score": (lambda rows, _: rows["scores"].append({"subject": "agency2", "balance": 95}), "with 0 violations: 100"),
    "a slot lost": (lambda rows, _: rows["slots"].pop(), "reports and slots"),
    "a slot twice": (lambda rows, _: rows["slots"][2].update(slot=1), "uses slot 1 of 2026-11 2 times"),
    "a slot too many": (lambda rows, _: rows["slots"][0].update(slot=31), "uses slot 31"),
    "untold": (lambda rows, _: rows["tellings"][0].update(told_at=None), "has not heard"),
    "told twice": (lambda rows, _: rows["tellings"].append(rows["tellings"][0]), "was told as [1, 1]"),
    "told else": (lambda rows, _: rows["standings"][0].update(told=[]), "told was ['a']"),
    "the owner at work": (lambda rows, _: rows["logins"].append({"name": "casework_owner"}), "casework_owner is logged in"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_row_or_answer_is_named(name: str) -> None:
    (spoil, says), (rows, told) = WRONG[name], right()
    spoil(rows, told)
    assert [one for one in judged(rows, told).wrong if says in one], judged(rows, told).wrong


def test_a_control_that_doubled_nothing_shows_it() -> None:
    rows, told = right()
    rows["commands"][:] = [row for row in rows["commands"] if row["case"] != "report-2"]
    assert judged(rows, told).doubled == 0


def sealed(body: Any) -> Payloads:
    """A message as it goes through Temporal."""
    plain = Payload(metadata={"encoding": b"json/plain"}, data=json.dumps(body).encode())
    data = NONCE + AESGCM(KEY).encrypt(NONCE, plain.SerializeToString(), ENCRYPTED)
    return Payloads(payloads=[Payload(metadata={"encoding": ENCRYPTED}, data=data)])


def accepted(update: str = "u1") -> HistoryEvent:
    event = HistoryEvent(event_type=EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED)
    request = event.workflow_execution_update_accepted_event_attributes.accepted_request
    request.meta.update_id = update
    request.input.args.CopyFrom(sealed({"id": named(ASKED)}))
    return event


def completed(answer: dict[str, Any] = ANSWER, update: str = "u1", failure: str = "") -> HistoryEvent:
    event = HistoryEvent(event_type=EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED)
    done = event.workflow_execution_update_completed_event_attributes
    done.meta.update_id = update
    if failure:
        done.outcome.failure.message = failure
    else:
        done.outcome.success.CopyFrom(sealed({"answer": answer}))
    return event


def commit(status: str = "queued", version: int = 1, answer: dict[str, Any] | None = None) -> HistoryEvent:
    event = HistoryEvent(event_type=EventType.EVENT_TYPE_MARKER_RECORDED)
    result = {"now": {"status": status, "version": version}, "answer": answer}
    event.marker_recorded_event_attributes.details["result"].CopyFrom(sealed(result))
    return event


def task(kind: str, cause: str = "UNSPECIFIED") -> HistoryEvent:
    event = HistoryEvent(event_type=EventType.Value(f"EVENT_TYPE_WORKFLOW_TASK_{kind}"))
    if kind == "FAILED":
        value = WorkflowTaskFailedCause.Value(f"WORKFLOW_TASK_FAILED_CAUSE_{cause}")
        event.workflow_task_failed_event_attributes.cause = value
    return event


GOOD = [task("FAILED"), task("COMPLETED"), accepted(), commit(answer=ANSWER), completed(), commit("closed", 2)]
HISTORIES = {
    "an update lost": ([accepted()], 0, "accepted, and not completed"),
    "an update accepted twice": ([accepted(), accepted(), completed()], 0, "was accepted twice"),
    "an update completed twice": ([accepted(), completed(), completed()], 0, "was completed twice"),
    "an update completed unasked": ([completed()], 0, "was completed unasked"),
    "an update failed": ([accepted(), completed(failure="no")], 0, "failed: no"),
    "another answer": ([accepted(), completed({**ANSWER, "version": 2})], 0, "an update answered"),
    "a task left failed": ([*GOOD, task("FAILED")], 0, "left failed"),
    "a task left late": ([*GOOD, task("TIMED_OUT")], 0, "left failed (too late)"),
    "a task tried again and again": (GOOD, 3, "left failed (attempt 3)"),
    "not deterministic": ([task("FAILED", "NON_DETERMINISTIC_ERROR"), task("COMPLETED")], 0, "not deterministic"),
    "a result against the journal": ([commit("claimed")], 0, "by the journal queued"),
    "a result of no line": ([commit("closed", 7)], 0, "by the journal None"),
    "a result that goes back": ([commit("closed", 2), commit()], 0, "version 1 after 2"),
    "an answer of no command": ([commit(answer={**ANSWER, "of": "x"})], 0, "no command has that answer"),
}


def test_a_good_history_is_left_alone() -> None:
    assert [*story(Run("report-1", "run", COMPLETED, GOOD), Known(right()[0], KEY))] == []


@pytest.mark.parametrize("name", HISTORIES)
def test_a_wrong_history_is_named(name: str) -> None:
    events, attempt, says = HISTORIES[name]
    found = [*story(Run("report-1", "run", RUNNING, events, attempt), Known(right()[0], KEY))]
    assert len(found) == 1, found
    assert says in found[0]


@pytest.mark.parametrize(
    ("runs", "says"),
    [
        ([("report-1", RUNNING)], "report-1 is closed; 1 of its workflows go on"),
        ([], "report-1 is closed; 0 of its workflows go on"),
        ([("report-1", COMPLETED), ("report-9", RUNNING)], "report-9 goes on, and there is no such case"),
        ([("report-1", COMPLETED), ("report-1", WorkflowExecutionStatus.FAILED)], "its workflow is"),
        ([("report-1", COMPLETED), ("report-1", WorkflowExecutionStatus.TERMINATED)], "its workflow is"),
    ],
)
def test_a_workflow_that_stands_elsewhere_is_named(runs: list[tuple[str, WorkflowExecutionStatus]], says: str) -> None:
    cases = right()[0]["cases"][:1]
    assert [one for one in agree(cases, [Run(case, "run", status) for case, status in runs]) if says in one]
    assert [*agree(cases, [Run("report-1", "run", COMPLETED), Run("report-8", "run", COMPLETED)])] == []


def test_the_judge_imports_nothing_of_the_product_nor_of_the_bench_around_it() -> None:
    ours = set[str]()
    for file in Path(judge.__path__[0]).glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            found = (
                [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else [one.name for one in getattr(node, "names", [])]
            )
            ours |= {name for name in found if isinstance(node, ast.Import | ast.ImportFrom)}
    rooms = {"activities", "bench", "desk", "ops", "rulebook", "states", "store", "workers", "workflows"}
    assert {
        name for name in ours if name.partition(".")[0] in rooms and not name.startswith("bench.chaos.judge.")
    } == set()
