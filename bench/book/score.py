"""The step that follows a verdict or an appeal with the score: the year is priced again, the differences are booked."""

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from bench.book.job import PRICES, START, Charge
from bench.book.tables import agencies, ledger, violations


def rescore(connection: Connection, charge: Charge) -> int:
    """Charge a violation or take it back, and give the subject's score in points; done again it changes nothing."""
    connection.execute(sa.select(agencies.c.id).where(agencies.c.id == charge.subject).with_for_update())
    _write(connection, charge)
    of_year = violations.c.subject == charge.subject, violations.c.period == charge.period
    acts = connection.execute(
        sa.select(violations.c.id, violations.c.stands, violations.c.price)
        .where(*of_year)
        .order_by(violations.c.occurred_at, violations.c.id)
    ).all()
    last = sa.select(ledger.c.number).where(ledger.c.subject == charge.subject, ledger.c.period == charge.period)
    number = connection.execute(last.order_by(ledger.c.number.desc()).limit(1)).scalar() or 0
    total, rank = sum(act.price for act in acts), 0
    lines: list[dict[str, object]] = []
    for act in acts:
        wanted = PRICES[min(rank, len(PRICES) - 1)] if act.stands else 0
        rank += act.stands
        if wanted != act.price:
            before, total = total, total + wanted - act.price
            change, balance = _points(total) - _points(before), _points(total)
            number += 1
            what = {"number": number, "violation": act.id, "price": wanted, "change": change, "balance": balance}
            lines.append({"subject": charge.subject, "period": charge.period, "at": datetime.now(UTC), **what})
    if lines:
        _book(connection, lines)
    return _points(total)


def score(connection: Connection, subject: str, period: str) -> int:
    """A subject's score of a year, in points."""
    last = sa.select(ledger.c.balance).where(ledger.c.subject == subject, ledger.c.period == period)
    found = connection.execute(last.order_by(ledger.c.number.desc()).limit(1)).scalar()
    return START if found is None else found


def _write(connection: Connection, charge: Charge) -> None:
    row = {"id": charge.violation, "subject": charge.subject, "period": charge.period, "price": 0, "stands": True}
    if charge.stands:
        connection.execute(insert(violations).on_conflict_do_nothing(), row | {"occurred_at": charge.occurred_at})
    else:
        connection.execute(violations.update().where(violations.c.id == charge.violation).values(stands=False))


def _book(connection: Connection, lines: list[dict[str, object]]) -> None:
    changed = violations.update().where(violations.c.id == sa.bindparam("act")).values(price=sa.bindparam("wanted"))
    connection.execute(changed, [{"act": line["violation"], "wanted": line["price"]} for line in lines])
    connection.execute(ledger.insert(), [{name: line[name] for name in ledger.c.keys()} for line in lines])  # noqa: SIM118


def _points(total: int) -> int:
    return max(0, START - total)
