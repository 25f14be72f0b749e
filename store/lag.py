"""How far are couriers behind? What the platform and the receivers of webhooks were not told yet, the oldest first."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from states.version_terms import VersionStatus
from store.schema.cases import cases
from store.schema.journal import incidents
from store.schema.rulebooks import versions
from store.schema.scores import penalties
from store.schema.standing import standings, tellings
from store.schema.webhooks import deliveries, webhooks

_MOST = 50
# The kind of the incidents of versions that can't be moved; their facts name `version`, its `moves` by then, `error`.
FAILING = "rollout_failing"
_PENDING = sa.and_(deliveries.c.delivered_at.is_(None), deliveries.c.given_up_at.is_(None))
_HEAD = (
    sa.select(deliveries.c.attempts, deliveries.c.next_at, deliveries.c.status, deliveries.c.error)
    .where(deliveries.c.webhook == webhooks.c.id, _PENDING)
    .order_by(deliveries.c.number)
    .limit(1)
    .lateral("head")
)
_WAITING = (
    sa.select(sa.func.count().label("count"), sa.func.min(deliveries.c.at).label("since"))
    .where(deliveries.c.webhook == webhooks.c.id, _PENDING)
    .lateral("waiting")
)
_UNDELIVERED = (
    sa.select(webhooks.c.id, webhooks.c.agency, *_WAITING.c, *_HEAD.c)
    .select_from(webhooks.join(_WAITING, sa.true()).join(_HEAD, sa.true()))
    .where(webhooks.c.removed_at.is_(None))
    .order_by(_WAITING.c.since)
    .limit(_MOST)
)
_CASES = sa.select(cases.c.id, cases.c.status, cases.c.deadline_at, cases.c.moved_at, cases.c.stirred)


_ENDED = sa.case((penalties.c.ends_at <= sa.bindparam("at"), penalties.c.ends_at))
# When a subject's penalties last began or ended.
_CHANGED = (
    sa.select(sa.func.max(sa.func.greatest(penalties.c.starts_at, penalties.c.lifted_at, _ENDED)))
    .where(penalties.c.subject == standings.c.subject, penalties.c.starts_at <= sa.bindparam("at"))
    .scalar_subquery()
)
_CHANGED_OF = sa.select(_CHANGED).where(standings.c.subject == sa.bindparam("subject_id"))
_SUBJECTS = (
    sa.select(standings.c.subject, sa.literal("overdue").label("trouble"), standings.c.next_at.label("since"))
    .where(standings.c.next_at < sa.bindparam("late"))
    .union_all(
        sa.select(tellings.c.subject, sa.literal("untold"), tellings.c.decided_at).where(
            tellings.c.told_at.is_(None), tellings.c.refused_at.is_(None), tellings.c.decided_at < sa.bindparam("late")
        ),
        sa.select(standings.c.subject, sa.literal("unread"), _CHANGED).where(
            standings.c.stirred, sa.or_(_CHANGED.is_(None), sa.bindparam("late") > _CHANGED)
        ),
    )
)
_VERSIONS = (
    sa.select(versions.c.digest, sa.literal("overdue").label("trouble"), versions.c.deadline_at.label("since"))
    .where(versions.c.deadline_at < sa.bindparam("late"))
    .union_all(
        sa.select(versions.c.digest, sa.literal("unread"), versions.c.moved_at).where(
            versions.c.stirred, versions.c.moved_at < sa.bindparam("late")
        ),
        sa.select(versions.c.digest, sa.literal("halted"), versions.c.moved_at).where(
            versions.c.status == VersionStatus.HALTED
        ),
        sa.select(versions.c.digest, sa.literal("failing"), sa.func.min(incidents.c.at))
        .join(incidents, incidents.c.facts["version"].astext == versions.c.digest)
        .where(incidents.c.kind == FAILING, incidents.c.facts["moves"].as_integer() == versions.c.version)
        .group_by(versions.c.digest),
    )
)


def of_subjects(connection: Connection, late: datetime) -> list[dict[str, Any]]:
    """Subjects whose courier has been behind since before `late`: `subject`, `trouble`, `since`, the oldest first.

    `overdue`: a penalty has begun or ended; `untold`: the platform was not told; `unread`: penalties have changed.
    """
    rows = connection.execute(sa.select(_SUBJECTS.subquery()), {"late": late, "at": late}).mappings()
    by_subject = {row["subject"]: dict(row) for row in rows}  # of several the last: what is furthest behind
    return sorted(by_subject.values(), key=_since)[:_MOST]


def of_versions(connection: Connection, late: datetime) -> list[dict[str, Any]]:
    """Versions that stand still: `digest`, `trouble`, `since`, the oldest first.

    `overdue`: what time makes of them was not made; `unread`: their courier has not read them; `halted`: by people, or
    by itself; `failing`: what time makes of them fails, and is tried again.
    """
    rows = connection.execute(_VERSIONS, {"late": late}).mappings()
    by_version = {row["digest"]: dict(row) for row in rows}  # of several the last, as of subjects
    return sorted(by_version.values(), key=_since)[:_MOST]


def changed(connection: Connection, subject: str, at: datetime) -> datetime | None:
    """When a subject's penalties last began or ended, until a time."""
    found: datetime | None = connection.execute(_CHANGED_OF, {"subject_id": subject, "at": at}).scalar()
    return found


def _since(row: dict[str, Any]) -> datetime:
    found: datetime | None = row["since"]
    return found or datetime.min.replace(tzinfo=UTC)


def undelivered(connection: Connection) -> list[dict[str, Any]]:
    """Receivers that wait for deliveries: `id`, `agency`, `count`, `since`; of the first one its attempts and error."""
    return [dict(row) for row in connection.execute(_UNDELIVERED).mappings()]


def of_cases(connection: Connection, ids: list[str], at: datetime) -> list[dict[str, Any]]:
    """The cases that are behind, as their rows say it: `overdue` where a deadline has passed, the oldest first."""
    found = _CASES.where(cases.c.id.in_(ids)).order_by(cases.c.deadline_at.nulls_last(), cases.c.id).limit(_MOST)
    rows = connection.execute(found).mappings()
    return [{**row, "overdue": row["deadline_at"] is not None and row["deadline_at"] < at} for row in rows]
