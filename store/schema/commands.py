"""What was asked under which key, and what was answered: commands about cases, and other writes over HTTP."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from store.schema.metadata import Instant, metadata

# A command that was carried out, and its answer. `signed_for`: somebody received the answer.
commands = sa.Table(
    "commands",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("case", sa.Text, sa.ForeignKey("cases.id"), nullable=False),
    sa.Column("actor", sa.Text, sa.ForeignKey("people.id"), nullable=False),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("answer", JSONB, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("signed_for", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.CheckConstraint("id ~ '^[0-9a-f]{64}$'", name="id_is_a_hash"),
    sa.CheckConstraint("body ~ '^[0-9a-f]{64}$'", name="body_is_a_hash"),
    sa.Index("ix_commands_unsigned", "at", postgresql_where=sa.text("NOT signed_for")),
    sa.Index("ix_commands_case", "case"),
)

# The answer that a write outside the cases was given under its sender's key; cases keep theirs in `commands`.
answers = sa.Table(
    "answers",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("status", sa.SmallInteger, nullable=False),
    sa.Column("answer", JSONB, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.CheckConstraint("body ~ '^[0-9a-f]{64}$'", name="hash_form"),
)
