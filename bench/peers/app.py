"""The job by the book on DBOS Transact: a workflow a report, whose moves are messages; the steps are those by the book.

It runs in `.venv-peers`, without Casework, in the process of its users (`users.py`): DBOS is a library of theirs.
"""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from dbos import DBOS, DBOSConfig, Queue, SetEnqueueOptions, SetWorkflowID, SQLAlchemyDatasource

from bench.book import penalties, steps
from bench.book.job import DEADLINES, Answer, Appeal, Brought, Charge, Decision, Move, Notice, RefusedError, Report
from bench.book.score import rescore
from bench.book.tables import connect

SCHEMA, MOVES = "peer", "moves"
url = sys.argv[1]
engine = connect(url, SCHEMA)
config: DBOSConfig = {
    "name": "peer",
    "executor_id": sys.argv[2],
    "system_database_url": url,
    "sys_db_pool_size": 20,
    "notification_coalesce_sec": 0.001,
    "log_level": "ERROR",
}
DBOS(config=config)
source = SQLAlchemyDatasource.create(url, engine=engine)


def _step(step: Callable[..., Any]) -> Callable[..., Any]:
    """A step in a transaction of its own, in which DBOS notes that it was done."""

    @source.transaction(name=step.__name__, isolation_level="READ COMMITTED")
    def done(*args: Any) -> Any:
        return step(source.sql_session().connection(), *args)

    return done


take_slot, open_report, open_appeal, make_move, record_verdict, score, follow_score, notify, prepare, record = map(
    _step,
    (
        steps.take_slot,
        steps.open_report,
        steps.open_appeal,
        steps.make_move,
        steps.record_verdict,
        rescore,
        penalties.follow_score,
        steps.notify,
        penalties.prepare_telling,
        penalties.record_telling,
    ),
)


def tell(subject: str, key: str) -> None:
    """Tell the platform what restricts a subject; without a platform the rows are the record."""
    prepare(subject, key)
    record(key)


@DBOS.workflow()
def restriction_over(subject: str, violation: str) -> None:
    """Tell the platform that a restriction has ended."""
    tell(subject, f"{violation} end")


@DBOS.workflow()
def case(report: Report) -> None:
    """A report, and the appeal against its verdict: moves are messages, answers are events, deadlines time-outs."""
    review = Review(report)
    try:
        take_slot(report)
    except RefusedError as error:
        DBOS.set_event("submit", {"refused": str(error)})
        return
    DBOS.set_event("submit", review.open())
    while review.status != "closed":
        wish = DBOS.recv(MOVES, timeout_seconds=review.timeout)
        if wish is None:
            review.lapse()
            continue
        key, (what, said) = wish
        DBOS.set_event(key, review.do(what, said))
        if review.told_late:
            review.restrict()


class Review:
    """What is under review, and what is done to it; made anew when a workflow is recovered."""

    def __init__(self, report: Report) -> None:
        self.report, self.case, self.status, self.version = report, report.case, "new", 0
        self.reviewer: str | None = None
        self.charge: Charge | None = None
        self.told_late: datetime | None = None

    @property
    def timeout(self) -> float:
        if self.status == "open":
            return self.report.window
        return DEADLINES[self.status][1] if self.status in DEADLINES else 10**8

    def open(self) -> dict[str, Any]:
        report = self.report
        due = DEADLINES["queued"][1]
        opened = Move(report.case, "submit", report.agency, "new", "queued", f"{report.case} submit", due)
        self.version, self.status = open_report(report, opened), "queued"
        notify([Notice(report.case, report.agency, "report.received", {"clause": report.clause})])
        return self.answer()

    def do(self, what: str, said: Any) -> dict[str, Any]:
        try:
            return {"claim": self.claim, "decide": self.decide, "appeal": self.appeal}[what](said)
        except RefusedError as error:
            return {"refused": str(error)}

    def lapse(self) -> None:
        """Do what time does when a status has lasted as long as it may."""
        if self.status == "open":
            self.move("window_over", "clock", "open", "closed", outcome="window_over")
            return
        event, _, target = DEADLINES[self.status]
        self.move(event, "clock", self.status, target, due=DEADLINES.get(target, ("", None, ""))[1])
        self.reviewer = None

    def claim(self, actor: str) -> dict[str, Any]:
        self.move("claim", actor, self.require("queued", "escalated"), "claimed", due=DEADLINES["claimed"][1])
        self.reviewer = actor
        return self.answer()

    def decide(self, decision: Decision) -> dict[str, Any]:
        self.require("claimed")
        if decision.actor != self.reviewer:
            raise RefusedError(f"claimed by {self.reviewer}")
        return self.find(decision) if decision.outcome is None else self.settle(decision)

    def appeal(self, appeal: Appeal) -> dict[str, Any]:
        self.require("open")
        due = DEADLINES["queued"][1]
        opened = Move(appeal.case, "submit", appeal.agency, "new", "queued", appeal.key, due)
        self.version = open_appeal(self.report, appeal, opened)
        self.case, self.status, self.reviewer = appeal.case, "queued", None
        self.notify((appeal.agency, "appeal.received", {}))
        return self.answer()

    def find(self, decision: Decision) -> dict[str, Any]:
        report, violation = self.report, f"{self.case}.1"
        self.charge = Charge(violation, report.respondent, report.occurred_at, decision.severity or "mild")
        self.move("decide", decision.actor, "claimed", "open", due=report.window)
        record_verdict(violation, report.case, decision)
        points, brought = self.follow(self.charge)
        self.told_late = brought.restricts_until
        told = {"reasons": decision.reasons, "score": points, "penalties": brought.imposed}
        self.notify((report.agency, "report.violation", {}), (report.respondent, "verdict.violation", told))
        return self.answer(points)

    def settle(self, decision: Decision) -> dict[str, Any]:
        outcome, report, points = decision.outcome or "upheld", self.report, None
        self.move("decide", decision.actor, "claimed", "closed", outcome=outcome)
        of = f"{report.case} appeal_{outcome}"
        make_move(Move(report.case, f"appeal_{outcome}", decision.actor, "under_appeal", "closed", of, outcome=outcome))
        sent: list[tuple[str, str, dict[str, Any]]] = [
            (report.respondent, f"appeal.{outcome}", {"reasons": decision.reasons})
        ]
        if outcome == "overturned" and self.charge:
            charge = self.charge
            points, brought = self.follow(
                Charge(charge.violation, charge.subject, charge.occurred_at, charge.severity, stands=False)
            )
            sent.append((report.respondent, "penalty.lifted", {"penalties": brought.lifted, "score": points}))
            if charge.severity == "moderate":
                tell(charge.subject, f"{charge.violation} end")
        self.notify(*sent, (report.agency, f"report.{outcome}", {}))
        return self.answer(points)

    def restrict(self) -> None:
        """Tell the platform of a restriction that has begun, and have it told of its end."""
        charge, until = self.charge, self.told_late
        if charge is None or until is None:
            return
        self.told_late = None
        tell(charge.subject, f"{charge.violation} begin")
        left = (until - datetime.now(UTC)).total_seconds()
        with SetWorkflowID(f"restriction-{charge.violation}"), SetEnqueueOptions(delay_seconds=left):
            ends().enqueue(restriction_over, charge.subject, charge.violation)

    def follow(self, charge: Charge) -> tuple[int, Brought]:
        return score(charge), follow_score(charge)

    def move(
        self, event: str, actor: str, source: str, target: str, *, due: float | None = None, outcome: str | None = None
    ) -> None:
        key = f"{self.case} {event} {self.version}"
        self.version = make_move(Move(self.case, event, actor, source, target, key, due, outcome))
        self.status = target

    def notify(self, *sent: tuple[str, str, dict[str, Any]]) -> None:
        notify([Notice(self.case, *each) for each in sent])

    def require(self, *statuses: str) -> str:
        if self.status not in statuses:
            raise RefusedError(f"{self.case} is {self.status}")
        return self.status

    def answer(self, points: int | None = None) -> dict[str, Any]:
        return vars(Answer(self.case, self.status, self.version, points))


def ends() -> Queue:
    """The queue of what is told when a restriction ends."""
    return DBOS.retrieve_queue("ends") or DBOS.register_queue("ends", polling_interval_sec=10)
