"""Which workflows may have missed a change of their rows? Without failures there are none.

Only those are woken, by the sweep (`workers/sweep.py`). A courier tells the platform of a subject's penalties; a
receiver's courier delivers webhooks; a version's brings it into force.
"""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Connection

from states.terms import Status
from store.schema.cases import cases
from store.schema.commands import commands
from store.schema.rulebooks import versions
from store.schema.standing import standings, tellings
from store.schema.webhooks import deliveries, webhooks

# Longer than an answer may take (`activities/limits.py`): one not acknowledged by then was received by nobody.
UNRECEIVED = timedelta(seconds=18)
# A workflow's own timer fires well before: a deadline that is so long past was missed.
OVERDUE = timedelta(seconds=10)
# An attempt to send takes up to half of this: a courier that is in one, or answered later, is not behind.
SENDING = timedelta(seconds=20)
_MOST = 500

_BEHIND = (
    sa.select(cases.c.id)
    .where(
        sa.or_(
            sa.and_(cases.c.stirred, cases.c.moved_at < sa.bindparam("overdue")),
            cases.c.deadline_at < sa.bindparam("overdue"),
        )
    )
    .union(sa.select(commands.c.case).where(sa.not_(commands.c.signed_for), commands.c.at < sa.bindparam("unreceived")))
    .limit(_MOST)
)


_RECEIVERS_LATE = sa.text("""
    SELECT w.id FROM webhooks w
    CROSS JOIN LATERAL (
      SELECT number, next_at FROM deliveries
      WHERE webhook = w.id AND delivered_at IS NULL AND given_up_at IS NULL ORDER BY number LIMIT 1
    ) AS head
    LEFT JOIN LATERAL (
      SELECT answered_at FROM deliveries WHERE webhook = w.id AND number < head.number ORDER BY number DESC LIMIT 1
    ) AS before ON true
    WHERE w.removed_at IS NULL AND head.next_at < :overdue
      AND coalesce(before.answered_at, '-infinity') < :overdue
    LIMIT :most
""")

_STIRRED = sa.select(standings.c.subject).where(standings.c.stirred).limit(_MOST)
_LATE = (
    sa.select(standings.c.subject)
    .where(standings.c.next_at < sa.bindparam("overdue"))
    .union(
        sa.select(tellings.c.subject).where(
            tellings.c.told_at.is_(None),
            tellings.c.refused_at.is_(None),
            tellings.c.decided_at < sa.bindparam("overdue"),
        )
    )
    .limit(_MOST)
)


_VERSIONS_LATE = sa.select(versions.c.digest).where(
    sa.or_(
        sa.and_(versions.c.stirred, versions.c.moved_at < sa.bindparam("overdue")),
        versions.c.deadline_at < sa.bindparam("overdue"),
    )
)


_OPEN = sa.select(cases.c.id).where(cases.c.status != Status.CLOSED)
_PENDING_TELLING = sa.select(tellings.c.subject).where(tellings.c.told_at.is_(None), tellings.c.refused_at.is_(None))
_WAITING_SUBJECTS = (
    sa.select(standings.c.subject)
    .where(sa.or_(standings.c.stirred, standings.c.next_at.is_not(None)))
    .union(_PENDING_TELLING)
)
_WAITING_RECEIVERS = (
    sa.select(webhooks.c.id)
    .join(deliveries, deliveries.c.webhook == webhooks.c.id)
    .where(webhooks.c.removed_at.is_(None), deliveries.c.delivered_at.is_(None), deliveries.c.given_up_at.is_(None))
    .distinct()
)
_WAITING_VERSIONS = sa.select(versions.c.digest).where(sa.or_(versions.c.stirred, versions.c.deadline_at.is_not(None)))


def open_cases(connection: Connection) -> set[str]:
    """Every case that is not closed: each has a workflow."""
    return set(connection.execute(_OPEN).scalars())


def waiting_subjects(connection: Connection) -> set[str]:
    """Subjects with a courier: a penalty of theirs begins or ends some time, or the platform is to be told."""
    return set(connection.execute(_WAITING_SUBJECTS).scalars())


def waiting_receivers(connection: Connection) -> set[str]:
    """Receivers of webhooks with a courier: a delivery of theirs waits."""
    return set(connection.execute(_WAITING_RECEIVERS).scalars())


def waiting_versions(connection: Connection) -> set[str]:
    """Versions of the rulebook with a courier: time makes their next move."""
    return set(connection.execute(_WAITING_VERSIONS).scalars())


def versions_late(connection: Connection, at: datetime) -> list[str]:
    """Versions of the rulebook whose courier has not read their last move, or has missed their deadline."""
    return list(connection.execute(_VERSIONS_LATE, {"overdue": at - OVERDUE}).scalars())


def couriers_stirred(connection: Connection) -> list[str]:
    """Subjects whose penalties changed and whose courier has not read them since, though it may be about to."""
    return list(connection.execute(_STIRRED).scalars())


def couriers_late(connection: Connection, at: datetime) -> list[str]:
    """Subjects whose penalty began or ended, or whose telling was written, `OVERDUE` ago without the courier acting."""
    return list(connection.execute(_LATE, {"overdue": at - OVERDUE}).scalars())


def behind(connection: Connection, at: datetime) -> list[str]:
    """Cases whose row may be ahead of their workflow: moved by another case, overdue, or with an unreceived answer."""
    rows = connection.execute(_BEHIND, {"overdue": at - OVERDUE, "unreceived": at - UNRECEIVED})
    return list(rows.scalars())


def receivers_late(connection: Connection, at: datetime) -> list[str]:
    """Receivers whose next delivery has been due for `SENDING` without an attempt."""
    return list(connection.execute(_RECEIVERS_LATE, {"overdue": at - SENDING, "most": _MOST}).scalars())
