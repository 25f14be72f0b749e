"""The workflows: a report with its appeal, whose moves are updates and deadlines timers; and a restriction."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError

with workflow.unsafe.imports_passed_through():
    from bench.book.activities import Activities
    from bench.book.job import DEADLINES, Answer, Appeal, Brought, Charge, Decision, Move, Notice, Report, Restriction
    from bench.book.shown import moved

_DO: dict[str, Any] = {
    "start_to_close_timeout": timedelta(seconds=10),
    "retry_policy": RetryPolicy(initial_interval=timedelta(milliseconds=100), maximum_interval=timedelta(seconds=60)),
}


@workflow.defn
class RestrictionWorkflow:
    """Tells the platform when a restriction begins, and when it ends or is lifted."""

    def __init__(self) -> None:
        self._lifted = False

    @workflow.run
    async def run(self, restriction: Restriction) -> None:
        await self._tell(restriction, "begin")
        with suppress(TimeoutError):
            await workflow.wait_condition(lambda: self._lifted, timeout=restriction.until - workflow.now())
        await self._tell(restriction, "end")

    @workflow.signal
    def lift(self) -> None:
        self._lifted = True

    @staticmethod
    async def _tell(restriction: Restriction, what: str) -> None:
        told = [restriction.subject, f"{restriction.violation} {what}"]
        await workflow.execute_activity_method(Activities.tell_platform, args=told, **_DO)


@workflow.defn
class ReportWorkflow:
    """A report, and the appeal against its verdict: `_case` is the one that is under review."""

    @workflow.init
    def __init__(self, report: Report) -> None:
        self._report = report
        self._case, self._status, self._version = report.case, "new", 0
        self._reviewer: str | None = None
        self._charge: Charge | None = None
        self._restricts_until: datetime | None = None
        self._restriction: workflow.ChildWorkflowHandle[Any, None] | None = None
        self._refused: str | None = None
        # A move is several activities: no other begins between them.
        self._one = asyncio.Lock()
        self._restricting = asyncio.Lock()

    @workflow.run
    async def run(self, report: Report) -> None:
        async with self._one:
            await self._submit(report)
        while self._status != "closed":
            await self._wait()
        await workflow.wait_condition(workflow.all_handlers_finished)

    @workflow.update
    async def submitted(self) -> Answer:
        await workflow.wait_condition(lambda: self._status != "new" and not self._one.locked())
        if self._refused:
            raise ApplicationError(self._refused, type="Refused")
        return self._answer()

    @workflow.update
    async def claim(self, actor: str) -> Answer:
        async with self._one:
            source = self._require("queued", "escalated")
            await self._move("claim", actor, source, "claimed", due=DEADLINES["claimed"][1])
            self._reviewer = actor
            return self._answer()

    @workflow.update
    async def decide(self, decision: Decision) -> Answer:
        async with self._one:
            self._require("claimed")
            if decision.actor != self._reviewer:
                raise ApplicationError(f"claimed by {self._reviewer}", type="Refused")
            if decision.outcome is None:
                return await self._find(decision)
            return await self._settle(decision)

    @workflow.update
    async def appeal(self, appeal: Appeal) -> Answer:
        async with self._one:
            self._require("open")
            due = DEADLINES["queued"][1]
            opened = Move(appeal.case, "submit", appeal.agency, "new", "queued", appeal.key, due)
            self._version = await workflow.execute_activity_method(
                Activities.open_appeal, args=[self._report, appeal, opened], **_DO
            )
            self._case, self._status, self._reviewer = appeal.case, "queued", None
            await self._notify((appeal.agency, "appeal.received", {}))
            return self._answer()

    async def _submit(self, report: Report) -> None:
        try:
            await workflow.execute_activity_method(Activities.take_slot, report, **_DO)
        except ActivityError as error:
            self._refused, self._status = str(error.cause), "closed"
            return
        key, due = f"{report.case} submit", DEADLINES["queued"][1]
        opened = Move(report.case, "submit", report.agency, "new", "queued", key, due)
        self._version = await workflow.execute_activity_method(Activities.open_report, args=[report, opened], **_DO)
        await self._notify((report.agency, "report.received", {"clause": report.clause}))
        self._status = "queued"

    async def _find(self, decision: Decision) -> Answer:
        """Find a violation: verdict, score, penalties, notices; what does not wait for another is done beside it."""
        report, violation = self._report, f"{self._case}.1"
        self._charge = Charge(violation, report.respondent, report.occurred_at, decision.severity or "mild")
        await asyncio.gather(
            self._move("decide", decision.actor, "claimed", "open", due=report.window),
            workflow.execute_activity_method(Activities.record_verdict, args=[violation, report.case, decision], **_DO),
        )
        score, brought = await self._follow(self._charge)
        self._restricts_until = brought.restricts_until
        told = {"reasons": decision.reasons, "score": score, "penalties": brought.imposed}
        await self._notify((report.agency, "report.violation", {}), (report.respondent, "verdict.violation", told))
        return self._answer(score)

    async def _settle(self, decision: Decision) -> Answer:
        """Answer the appeal, and take the violation back where it is overturned."""
        outcome, report, score = decision.outcome or "upheld", self._report, None
        moves = [
            self._move("decide", decision.actor, "claimed", "closed", outcome=outcome),
            self._move(f"appeal_{outcome}", decision.actor, "under_appeal", "closed", outcome=outcome, of=report.case),
        ]
        await asyncio.gather(*moves)
        sent: list[tuple[str, str, dict[str, Any]]] = [
            (report.respondent, f"appeal.{outcome}", {"reasons": decision.reasons})
        ]
        if outcome == "overturned" and self._charge:
            charge = self._charge
            back = Charge(charge.violation, charge.subject, charge.occurred_at, charge.severity, stands=False)
            score, brought = await self._follow(back)
            sent.append((report.respondent, "penalty.lifted", {"penalties": brought.lifted, "score": score}))
            if restriction := await self._restricted():
                await restriction.signal(RestrictionWorkflow.lift)
        await self._notify(*sent, (report.agency, f"report.{outcome}", {}))
        return self._answer(score)

    async def _follow(self, charge: Charge) -> tuple[int, Brought]:
        score = await workflow.execute_activity_method(Activities.rescore, charge, **_DO)
        return score, await workflow.execute_activity_method(Activities.follow_score, charge, **_DO)

    async def _move(
        self, event: str, actor: str, source: str, target: str, *, due: float | None = None, **said: Any
    ) -> None:
        case = said.pop("of", self._case)
        move = Move(case, event, actor, source, target, f"{case} {event} {self._version}", due, said.get("outcome"))
        version = await workflow.execute_activity_method(Activities.make_move, move, **_DO)
        if case == self._case:
            self._status, self._version = target, version
            workflow.upsert_search_attributes(moved(target))

    async def _notify(self, *sent: tuple[str, str, dict[str, Any]]) -> None:
        rows = [Notice(self._case, *each) for each in sent]
        await workflow.execute_activity_method(Activities.notify, rows, **_DO)

    async def _wait(self) -> None:
        """Wait until the status is another, at most to its deadline; and look after a restriction that has begun."""
        status = self._status
        try:
            await workflow.wait_condition(self._left(status), timeout=self._timeout(status))
        except TimeoutError:
            async with self._one:
                if self._status == status:
                    await self._pass(status)
        await self._restricted()

    def _left(self, status: str) -> Callable[[], bool]:
        return lambda: self._status != status and not self._one.locked()

    def _timeout(self, status: str) -> timedelta | None:
        if status == "open":
            return timedelta(seconds=self._report.window)
        return timedelta(seconds=DEADLINES[status][1]) if status in DEADLINES else None

    async def _pass(self, status: str) -> None:
        """Do what time does when a status has lasted as long as it may."""
        if status == "open":
            await self._move("window_over", "clock", "open", "closed", outcome="window_over")
            return
        event, _, target = DEADLINES[status]
        await self._move(event, "clock", status, target, due=DEADLINES.get(target, ("", None, ""))[1])
        self._reviewer = None

    async def _restricted(self) -> workflow.ChildWorkflowHandle[Any, None] | None:
        """The workflow of the restriction, started where it has not been yet; none where nothing is restricted."""
        async with self._restricting:
            if self._charge and self._restricts_until and self._restriction is None:
                charge = self._charge
                self._restriction = await workflow.start_child_workflow(
                    RestrictionWorkflow.run,
                    Restriction(charge.subject, charge.violation, self._restricts_until),
                    id=f"restriction-{charge.violation}",
                    parent_close_policy=workflow.ParentClosePolicy.ABANDON,
                )
        return self._restriction

    def _require(self, *statuses: str) -> str:
        if self._status not in statuses:
            raise ApplicationError(f"{self._case} is {self._status}", type="Refused")
        return self._status

    def _answer(self, score: int | None = None) -> Answer:
        return Answer(self._case, self._status, self._version, score)
