"""The steps of a move. Each is done in a transaction of its own, and once: done again it changes nothing."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from bench.book.job import QUOTA, Appeal, Decision, Move, Notice, RefusedError, Report
from bench.book.tables import cases, journal, notices, quotas, slots, verdicts


def take_slot(connection: Connection, report: Report) -> None:
    """Take a slot of the month's quota.

    Raises:
        RefusedError: none is left.
    """
    month = {"agency": report.agency, "month": f"{_now():%Y-%m}"}
    taken = insert(slots).values(case=report.case, **month).on_conflict_do_nothing().returning(slots.c.case)
    if connection.execute(taken).first() is None:
        return
    counted = (
        insert(quotas)
        .values(taken=1, **month)
        .on_conflict_do_update(
            index_elements=[quotas.c.agency, quotas.c.month],
            set_={"taken": quotas.c.taken + 1},
            where=quotas.c.taken < QUOTA,
        )
        .returning(quotas.c.taken)
    )
    if connection.execute(counted).first() is None:
        raise RefusedError(f"{report.agency} has used its {QUOTA} reports of the month")


def open_report(connection: Connection, report: Report, move: Move) -> int:
    """Write a report's row and first line; give its version."""
    said = {"filed_by": report.agency, "respondent": report.respondent, "clause": report.clause, "text": report.text}
    return _open(connection, move, kind="report", occurred_at=report.occurred_at, **said)


def open_appeal(connection: Connection, report: Report, appeal: Appeal, move: Move) -> int:
    """Write an appeal's row and first line, and put its report under appeal; give the appeal's version."""
    said = {"filed_by": appeal.agency, "respondent": report.respondent, "clause": report.clause, "text": appeal.text}
    version = _open(connection, move, kind="appeal", of_case=report.case, occurred_at=report.occurred_at, **said)
    make_move(connection, Move(report.case, "appeal", appeal.agency, "open", "under_appeal", f"{move.key} of"))
    return version


def make_move(connection: Connection, move: Move) -> int:
    """Move a case's row and write its line; give its version.

    Raises:
        RefusedError: the case isn't where the move begins.
    """
    now = _now()
    moved = (
        cases.update()
        .where(cases.c.id == move.case, cases.c.status == move.source)
        .values(
            status=move.target,
            outcome=move.outcome,
            version=cases.c.version + 1,
            claimed_by=move.actor if move.event == "claim" else None,
            moved_at=now,
            deadline_at=_due(move, now),
        )
        .returning(cases.c.version)
    )
    version: int | None = connection.execute(moved).scalar()
    if version is None:
        return _made_before(connection, move)
    connection.execute(journal.insert(), _line(move, version, now))
    return version


def record_verdict(connection: Connection, violation: str, case: str, decision: Decision) -> None:
    """Write a report's verdict."""
    said = {"finding": "violation", "severity": decision.severity, "reasons": decision.reasons}
    row = {"id": violation, "case": case, "decided_by": decision.actor, "decided_at": _now(), **said}
    connection.execute(insert(verdicts).on_conflict_do_nothing(), row)


def notify(connection: Connection, sent: Sequence[Notice]) -> None:
    """Write notices."""
    now = _now()
    rows = [
        {"case": one.case, "recipient": one.recipient, "template": one.template, "values": one.values, "at": now}
        for one in sent
    ]
    connection.execute(insert(notices).on_conflict_do_nothing(), rows)


def _open(connection: Connection, move: Move, **said: object) -> int:
    now = _now()
    row = {"id": move.case, "status": move.target, "version": 1, "moved_at": now, "deadline_at": _due(move, now)}
    connection.execute(insert(cases).on_conflict_do_nothing(), row | said)
    connection.execute(insert(journal).on_conflict_do_nothing(), _line(move, 1, now))
    return 1


def _made_before(connection: Connection, move: Move) -> int:
    version: int | None = connection.execute(sa.select(journal.c.version).where(journal.c.key == move.key)).scalar()
    if version is None:
        raise RefusedError(f"{move.case} is not {move.source}")
    return version


def _line(move: Move, version: int, now: datetime) -> dict[str, object]:
    path = {"event": move.event, "actor": move.actor, "source": move.source, "target": move.target}
    return {"case": move.case, "version": version, "key": move.key, "at": now, **path}


def _due(move: Move, now: datetime) -> datetime | None:
    return None if move.due is None else now + timedelta(seconds=move.due)


def _now() -> datetime:
    return datetime.now(UTC)
