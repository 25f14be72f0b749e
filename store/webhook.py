"""Which receivers of webhooks have agencies and the platform, and which of them have a delivery that is due?"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from states.sight import Resource
from states.situation import Actor
from store import cursor, lock, secret
from store.cursor import Page
from store.schema.webhooks import deliveries, webhooks
from store.sight import filtered

# All that a commit costs where there are no receivers: this one statement, by the index of agencies.
_OF_AGENCIES = sa.text("""
    SELECT id, agency, events FROM webhooks
    WHERE removed_at IS NULL AND (agency IS NULL OR agency = ANY(:agencies)) ORDER BY id
""")
# The same where creators are charged too: with receivers of whoever manages them.
_OF_CREATORS = sa.text("""
    SELECT id, agency, events FROM webhooks WHERE removed_at IS NULL AND agency IS NULL
    UNION
    SELECT id, agency, events FROM webhooks WHERE removed_at IS NULL AND agency = ANY(:agencies)
    UNION
    SELECT w.id, w.agency, w.events FROM unnest(CAST(:creators AS text[])) AS charged
    CROSS JOIN LATERAL (
      SELECT agency FROM managements WHERE creator = charged AND since <= :at ORDER BY since DESC LIMIT 1
    ) AS managed
    JOIN webhooks w ON w.agency = managed.agency AND w.removed_at IS NULL
    ORDER BY id
""")
_OF_REGIONS = sa.text("""
    SELECT w.id, w.agency, w.events, s.region FROM webhooks w JOIN subjects s ON s.id = w.agency
    WHERE w.removed_at IS NULL AND s.region = ANY(:regions) ORDER BY w.id
""")
_DUE = sa.text("""
    SELECT asked.id FROM unnest(CAST(:ids AS text[])) AS asked (id)
    CROSS JOIN LATERAL (
      SELECT next_at FROM deliveries
      WHERE webhook = asked.id AND delivered_at IS NULL AND given_up_at IS NULL ORDER BY number LIMIT 1
    ) AS head
    WHERE head.next_at <= :at
    ORDER BY asked.id
""")


@dataclass(frozen=True)
class Receiver:
    """A receiver of `events`: an agency's, or the platform's where there is no agency."""

    id: str
    agency: str | None
    events: frozenset[str]


def concerned(connection: Connection, agencies: Iterable[str], creators: Iterable[str], at: datetime) -> list[Receiver]:
    """The platform's receivers, those of the agencies, and of whoever manages the creators at that time."""
    asked: dict[str, Any] = {"agencies": sorted(agencies)}
    query = _OF_AGENCIES
    if charged := sorted(creators):
        query, asked = _OF_CREATORS, asked | {"creators": charged, "at": at}
    return [Receiver(row.id, row.agency, frozenset(row.events)) for row in connection.execute(query, asked)]


def living_in(connection: Connection, regions: Collection[str]) -> dict[str, list[Receiver]]:
    """The receivers of the agencies of regions, by region."""
    found = defaultdict[str, list[Receiver]](list)
    for row in connection.execute(_OF_REGIONS, {"regions": sorted(regions)}) if regions else ():
        found[row.region].append(Receiver(row.id, row.agency, frozenset(row.events)))
    return found


def due(connection: Connection, ids: Iterable[str], at: datetime) -> list[str]:
    """Those of the receivers with a delivery due now; where the next attempt is later, the courier sleeps until it."""
    return list(connection.execute(_DUE, {"ids": sorted(ids), "at": at}).scalars())


def lock_owner(connection: Connection, actor: Actor) -> None:
    """Let nobody else count or add receivers of the actor's agency, or of the platform, until this transaction ends."""
    lock.hold(connection, f"webhooks/{actor.agency or ''}")


def add(connection: Connection, values: Mapping[str, Any]) -> None:
    """A new receiver: id, agency, url, secret, events, created_at, created_by."""
    kept = secret.encrypted(connection, secret.HOUSE, values["secret"])
    connection.execute(sa.insert(webhooks), {**values, "secret": kept})


def owned(connection: Connection, actor: Actor, at: datetime, after: str | None = None) -> Page:
    """The receivers that the actor sees, oldest first; without their secrets.

    Raises:
        RefusedError: `invalid`, field `cursor`.
    """
    shown = [column for column in webhooks.c if column is not webhooks.c.secret]
    query = sa.select(*shown).where(_seen(actor, at))
    return cursor.oldest_first(connection, query, webhooks.c.created_at, webhooks.c.id, after)


def owns(connection: Connection, actor: Actor, webhook: str, at: datetime) -> bool:
    """Whether the actor sees the receiver, which nobody has removed."""
    query = sa.select(webhooks.c.id).where(webhooks.c.id == webhook, _seen(actor, at))
    return connection.execute(query).first() is not None


def remove(connection: Connection, webhook: str, at: datetime, why: str) -> None:
    """Remove the receiver, and give up its pending deliveries with `why` as their error."""
    connection.execute(sa.update(webhooks).where(webhooks.c.id == webhook).values(removed_at=at))
    pending = sa.and_(
        deliveries.c.webhook == webhook, deliveries.c.delivered_at.is_(None), deliveries.c.given_up_at.is_(None)
    )
    connection.execute(sa.update(deliveries).where(pending).values(given_up_at=at, next_at=None, error=why))


def _seen(actor: Actor, at: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(filtered(actor, Resource.WEBHOOK, at), webhooks.c.removed_at.is_(None))
