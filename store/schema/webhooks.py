"""Who gets events over HTTP? Receivers, and every delivery with its attempts and its end."""

from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from store.schema.metadata import Instant, metadata


class Event(StrEnum):
    """The events that a receiver can get. A penalty that runs out has none: `penalty.in_force` has its `ends_at`."""

    CASE_MOVED = "case.moved"
    VERDICT_DECIDED = "verdict.decided"
    PENALTY_IN_FORCE = "penalty.in_force"
    PENALTY_LIFTED = "penalty.lifted"
    NOTICE_SENT = "notice.sent"


# A receiver of an agency, or of the platform where no agency is set. The secret signs each delivery.
webhooks = sa.Table(
    "webhooks",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("agency", sa.Text, sa.ForeignKey("agencies.id")),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("secret", sa.Text, nullable=False),
    sa.Column("events", ARRAY(sa.Text), nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("created_by", sa.Text, sa.ForeignKey("people.id"), nullable=False),
    sa.Column("removed_at", Instant),
    sa.CheckConstraint("url ~ '^https?://'", name="url_form"),
    sa.CheckConstraint("cardinality(events) > 0", name="some_events"),
    sa.Index("ix_webhooks_agency", "agency", postgresql_where=sa.text("removed_at IS NULL")),
)

# One event for one receiver, written by the commit that caused it; it keeps its id however often it is sent.
# The receiver sees the id, which tells nothing of others; `number` is the order, and counts everybody's.
deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("number", sa.BigInteger, sa.Identity(always=True), nullable=False),
    sa.Column("webhook", sa.Text, sa.ForeignKey("webhooks.id"), nullable=False),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("payload", JSONB, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("next_at", Instant),
    sa.Column("answered_at", Instant),
    sa.Column("status", sa.SmallInteger),
    sa.Column("error", sa.Text),
    sa.Column("delivered_at", Instant),
    sa.Column("given_up_at", Instant),
    sa.Column("replay_of", sa.Text, sa.ForeignKey("deliveries.id")),
    sa.CheckConstraint("delivered_at IS NULL OR given_up_at IS NULL", name="delivered_or_given_up"),
    sa.CheckConstraint("attempts >= 0", name="attempts_count"),
    sa.Index(
        "ix_deliveries_pending",
        "webhook",
        "number",
        postgresql_where=sa.text("delivered_at IS NULL AND given_up_at IS NULL"),
    ),
    sa.Index("ix_deliveries_webhook", "webhook", "number"),
)
