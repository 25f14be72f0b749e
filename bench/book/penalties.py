"""The steps that follow a score with penalties, and tell the platform of them; each done again changes nothing."""

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from bench.book.job import BASE, TIERS, Brought, Charge
from bench.book.score import score
from bench.book.tables import agencies, penalties, tellings


def follow_score(connection: Connection, charge: Charge) -> Brought:
    """Impose what a violation and the score bring, or lift what they no longer carry."""
    connection.execute(sa.select(agencies.c.id).where(agencies.c.id == charge.subject).with_for_update())
    # Read again under the lock: since the step that booked the score another verdict may have changed it.
    points, now = score(connection, charge.subject, charge.period), datetime.now(UTC)
    found = connection.execute(
        sa.select(penalties.c.id, penalties.c.key, penalties.c.kind, penalties.c.violation).where(
            penalties.c.subject == charge.subject, penalties.c.lifted_at.is_(None)
        )
    ).all()
    standing = {row.key for row in found if row.kind == "score" and row.violation != charge.violation}
    wanted = {key: restrictions for line, key, restrictions in TIERS if points <= line}
    fallen = [
        row
        for row in found
        if (row.kind == "score" and row.key not in wanted)
        or (row.kind == "base" and row.violation == charge.violation and not charge.stands)
    ]
    if fallen:
        ids = [row.id for row in fallen]
        connection.execute(penalties.update().where(penalties.c.id.in_(ids)).values(lifted_at=now))
    rows = [_penalty(charge, "score", key, wanted[key], now, None) for key in sorted(wanted.keys() - standing)]
    if charge.stands:
        key, days, restrictions = BASE[charge.severity]
        rows.insert(0, _penalty(charge, "base", key, restrictions, now, now + timedelta(days=days)))
    if rows:
        connection.execute(insert(penalties).on_conflict_do_nothing(), rows)
    ends = [row["ends_at"] or now + timedelta(days=366) for row in rows if row["restrictions"]]
    return Brought([row["key"] for row in rows], [row.key for row in fallen], min(ends, default=None))


def prepare_telling(connection: Connection, subject: str, key: str) -> list[str]:
    """Write down what the platform must be told of a subject: all restrictions in force."""
    connection.execute(sa.select(agencies.c.id).where(agencies.c.id == subject).with_for_update())
    now = datetime.now(UTC)
    in_force = sa.select(penalties.c.restrictions).where(
        penalties.c.subject == subject,
        penalties.c.lifted_at.is_(None),
        penalties.c.starts_at <= now,
        sa.or_(penalties.c.ends_at.is_(None), penalties.c.ends_at > now),
    )
    restrictions = sorted({each for found in connection.execute(in_force).scalars() for each in found})
    row = {"key": key, "subject": subject, "restrictions": restrictions, "decided_at": now}
    connection.execute(insert(tellings).on_conflict_do_nothing(), row)
    return restrictions


def record_telling(connection: Connection, key: str) -> None:
    """Mark that the platform has answered."""
    told = tellings.update().where(tellings.c.key == key, tellings.c.told_at.is_(None))
    connection.execute(told.values(told_at=datetime.now(UTC)))


def _penalty(
    charge: Charge, kind: str, key: str, restrictions: list[str], now: datetime, ends: datetime | None
) -> dict[str, Any]:
    what = {"kind": kind, "key": key, "restrictions": restrictions, "starts_at": now, "ends_at": ends}
    return {"subject": charge.subject, "violation": charge.violation, **what}
