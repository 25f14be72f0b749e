"""What was the platform told? One row a subject, and one a telling, written before anything is sent."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from store.schema.metadata import Instant, metadata, refers

# `told`: the restrictions that the platform has answered to; `stirred`: penalties changed since the courier read them.
standings = sa.Table(
    "standings",
    metadata,
    sa.Column("subject", sa.Text, refers("subjects.id"), primary_key=True),
    sa.Column("told", ARRAY(sa.Text), nullable=False, server_default="{}"),
    sa.Column("number", sa.Integer, nullable=False, server_default="0"),
    sa.Column("stirred", sa.Boolean, nullable=False),
    sa.Column("next_at", Instant),
    sa.Index("ix_standings_stirred", "subject", postgresql_where=sa.text("stirred")),
    sa.Index("ix_standings_next", "next_at", postgresql_where=sa.text("next_at IS NOT NULL")),
)

# Each telling keeps its idempotency key until the platform has answered it, however often it is sent.
tellings = sa.Table(
    "tellings",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("subject", sa.Text, sa.ForeignKey("subjects.id"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("restrictions", ARRAY(sa.Text), nullable=False),
    sa.Column("decided_at", Instant, nullable=False),
    sa.Column("told_at", Instant),
    sa.Column("refused_at", Instant),
    sa.UniqueConstraint("subject", "number"),
    sa.CheckConstraint("number > 0", name="number_counts"),
    sa.CheckConstraint("told_at IS NULL OR refused_at IS NULL", name="told_or_refused"),
    sa.Index("ix_tellings_pending", "decided_at", postgresql_where=sa.text("told_at IS NULL AND refused_at IS NULL")),
)
