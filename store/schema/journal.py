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

# What somebody is told: a template's key and its values, never a text about somebody else (`docs/domain.md` §4). It is
# about a case, or about a version of the rulebook, and then perhaps `about` a subject for whom the version changed
# something. What is told to everybody of a `region` has no recipient. Nobody is told twice of one change by a version.
notices = sa.Table(
    "notices",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("recipient", sa.Text),
    sa.Column("case", sa.Text, sa.ForeignKey("cases.id")),
    sa.Column("template", sa.Text, nullable=False),
    sa.Column("values", JSONB, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("version", sa.Text, sa.ForeignKey("versions.digest"), info=ADDED_LATER),
    sa.Column("about", sa.Text, sa.ForeignKey("subjects.id"), info=ADDED_LATER),
    sa.Column("region", sa.Text, info=ADDED_LATER),
    sa.CheckConstraint('num_nonnulls("case", version) = 1', name="about_one"),
    sa.CheckConstraint("num_nonnulls(recipient, region) = 1", name="to_one"),
    sa.CheckConstraint("version IS NOT NULL OR num_nonnulls(about, region) = 0", name="of_a_version"),
    sa.Index("ix_notices_recipient", "recipient", "id"),
    sa.Index("ix_notices_case", "case"),
    sa.Index("ix_notices_version", "version", postgresql_where=sa.text("version IS NOT NULL")),
    sa.Index(
        "uq_notices_once",
        "version",
        "template",
        sa.text("coalesce(about, '')"),
        sa.text("coalesce(recipient, region)"),
        unique=True,
        postgresql_where=sa.text("about IS NOT NULL OR region IS NOT NULL"),
    ),
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
