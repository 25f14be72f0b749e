"""What has happened, in order? The hash-chained journal and records, notices and incidents."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from store.schema.metadata import ADDED_LATER, Instant, metadata, refers

# The order in which lines and records were written, over all cases: the newest digest of a row counts.
journal_number = sa.Sequence("journal_number", metadata=metadata)

# One line a move. `hash` covers the line and the hash of the line before, per case; `version` numbers the lines.
journal = sa.Table(
    "journal",
    metadata,
    sa.Column("case", sa.Text, sa.ForeignKey("cases.id"), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False, unique=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("command", sa.Text),
    sa.Column("through", sa.Text, info=ADDED_LATER),
    sa.Column("facts", JSONB, nullable=False),
    sa.Column("rows", JSONB, nullable=False),
    sa.Column("previous", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.CheckConstraint("hash ~ '^[0-9a-f]{64}$'", name="hash_form"),
    sa.Index("ix_journal_at", "at"),
)

# What was written outside a case, chained per topic: feeds, tellings, rulebooks.
records = sa.Table(
    "records",
    metadata,
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("through", sa.Text, info=ADDED_LATER),
    sa.Column("rows", JSONB, nullable=False),
    sa.Column("previous", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.CheckConstraint("hash ~ '^[0-9a-f]{64}$'", name="hash_form"),
    sa.Index("ix_records_at", "at"),
    sa.Index("ix_records_topic", "topic", "number"),
)

# What a party is told: a template's key and its values, never a text about somebody else (`docs/domain.md` §4).
notices = sa.Table(
    "notices",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("recipient", sa.Text, nullable=False),
    sa.Column("case", sa.Text, sa.ForeignKey("cases.id"), nullable=False),
    sa.Column("template", sa.Text, nullable=False),
    sa.Column("values", JSONB, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Index("ix_notices_recipient", "recipient", "id"),
    sa.Index("ix_notices_case", "case"),
)

# What ops must look at.
incidents = sa.Table(
    "incidents",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("case", sa.Text, refers("cases.id")),
    sa.Column("subject", sa.Text, refers("subjects.id")),
    sa.Column("facts", JSONB, nullable=False),
    sa.Column("at", Instant, nullable=False),
)
