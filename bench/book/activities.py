"""The activities: each runs one step in a transaction, in the worker's threads, as Temporal's samples do."""

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from temporalio import activity
from temporalio.exceptions import ApplicationError

from bench.book import penalties, steps
from bench.book.job import Appeal, Brought, Charge, Decision, Move, Notice, RefusedError, Report
from bench.book.score import rescore

T = TypeVar("T")


class Activities:
    """The steps over one engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @activity.defn
    def take_slot(self, report: Report) -> None:
        self._do(steps.take_slot, report)

    @activity.defn
    def open_report(self, report: Report, move: Move) -> int:
        return self._do(steps.open_report, report, move)

    @activity.defn
    def open_appeal(self, report: Report, appeal: Appeal, move: Move) -> int:
        return self._do(steps.open_appeal, report, appeal, move)

    @activity.defn
    def make_move(self, move: Move) -> int:
        return self._do(steps.make_move, move)

    @activity.defn
    def record_verdict(self, violation: str, case: str, decision: Decision) -> None:
        self._do(steps.record_verdict, violation, case, decision)

    @activity.defn
    def rescore(self, charge: Charge) -> int:
        return self._do(rescore, charge)

    @activity.defn
    def follow_score(self, charge: Charge) -> Brought:
        return self._do(penalties.follow_score, charge)

    @activity.defn
    def notify(self, sent: list[Notice]) -> None:
        self._do(steps.notify, sent)

    @activity.defn
    def tell_platform(self, subject: str, key: str) -> list[str]:
        """Write down what is told, tell it, and record the answer; without a platform the rows are the record."""
        told = self._do(penalties.prepare_telling, subject, key)
        self._do(penalties.record_telling, key)
        return told

    def all(self) -> list[Callable[..., Any]]:
        """All activities, for the worker."""
        return [
            self.take_slot,
            self.open_report,
            self.open_appeal,
            self.make_move,
            self.record_verdict,
            self.rescore,
            self.follow_score,
            self.notify,
            self.tell_platform,
        ]

    def _do(self, step: Callable[..., T], *args: Any) -> T:
        with self._engine.begin() as connection:
            return self._refusing(step, connection, *args)

    @staticmethod
    def _refusing(step: Callable[..., T], connection: Connection, *args: Any) -> T:
        try:
            return step(connection, *args)
        except RefusedError as error:
            raise ApplicationError(str(error), type="Refused", non_retryable=True) from error
