"""The users of `bench/peers/app.py`, in its process: they make the moves of lives, and wait for each answer."""

import json
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from dbos import DBOS, SetWorkflowID

from bench.book.job import Appeal, Decision, Report
from bench.book.tables import make
from bench.expected import name
from bench.life import DETAILS, REASONS, SENIORS, WINDOW, agencies, parties, severity
from bench.peers.app import MOVES, SCHEMA, case, engine
from bench.statements import Statements

ANSWERED, MONTH = 60.0, 30 * 24 * 3600.0
Times = dict[str, list[float]]


class Users:
    """So many agencies, and the reviewers."""

    def __init__(self, of: int, *, appeal: bool, pause: float) -> None:
        self._of = of
        self._appeal = appeal
        self._pause = pause
        self.times: Times = {}

    def live(self, number: int) -> Any:
        """Make a life's moves; give the handle of its workflow, which then ends by itself."""
        filer, against = (name(agency) for agency in parties(number, self._of))
        window = MONTH if self._appeal else WINDOW.total_seconds()
        report = Report(f"peer-report-{number}", filer, against, DETAILS, window, datetime.now(UTC))
        start = time.perf_counter()
        with SetWorkflowID(report.case):
            handle = DBOS.start_workflow(case, report)
        self._answered(report.case, "submit", "submit", start)
        self._decide(report.case, number, severity=severity(number))
        if self._appeal:
            key = f"appeal {number}"
            self._send(report.case, "appeal", key, Appeal(f"peer-appeal-{number}", against, DETAILS, key))
            self._decide(report.case, number + 1, outcome="overturned")
        return handle

    def _decide(self, about: str, number: int, **said: str) -> None:
        senior, which = f"senior{number % SENIORS}", next(iter(said))
        self._send(about, "claim", f"claim {which}", senior)
        self._send(about, "decide", f"decide {which}", Decision(senior, REASONS, **said))

    def _send(self, about: str, what: str, key: str, said: Any) -> None:
        start = time.perf_counter()
        DBOS.send(about, (key, (what, said)), MOVES, idempotency_key=f"{about} {key}")
        self._answered(about, what, key, start)

    def _answered(self, about: str, what: str, key: str, start: float) -> None:
        answer = DBOS.get_event(about, key, timeout_seconds=ANSWERED)
        if answer is None or "refused" in answer:
            raise LookupError(f"{about} {key}: {answer}")
        self.times.setdefault(what, []).append(time.perf_counter() - start)
        time.sleep(self._pause)


def play(asked: dict[str, Any]) -> dict[str, Any]:
    """Live the lives that are asked for; give the times of the moves."""
    users = Users(asked["agencies"], appeal=asked["appeal"], pause=asked["pause"])
    left, handles = iter(asked["numbers"]), []

    def drive(left: Iterator[int]) -> None:
        handles.extend(users.live(number) for number in left)

    with ThreadPoolExecutor(asked["concurrency"]) as threads:
        driving: list[Future[None]] = [threads.submit(drive, left) for _ in range(asked["concurrency"])]
        for one in driving:
            one.result()
    for handle in handles:
        handle.get_result()
    return {"times": users.times, "statements": statements.so_far}


if __name__ == "__main__":
    statements = Statements()
    DBOS.launch()
    if sys.argv[2] == "0":
        make(engine, SCHEMA, [name(number) for number in range(agencies(int(sys.argv[3])))])
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        print(json.dumps(play(json.loads(line))), flush=True)
    sys.stdout.flush()
    os._exit(0)
