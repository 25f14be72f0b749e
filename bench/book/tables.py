"""The tables that both sides without Casework keep: its own, without seals, texts and what other moves need."""

import sqlalchemy as sa
from sqlalchemy import Engine
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

metadata = sa.MetaData()
_At = sa.DateTime(timezone=True)

agencies = sa.Table("agencies", metadata, sa.Column("id", sa.Text, primary_key=True))
quotas = sa.Table(
    "quotas",
    metadata,
    sa.Column("agency", sa.ForeignKey("agencies.id"), primary_key=True),
    sa.Column("month", sa.Text, primary_key=True),
    sa.Column("taken", sa.Integer, nullable=False),
)
slots = sa.Table(
    "slots",
    metadata,
    sa.Column("case", sa.Text, primary_key=True),
    sa.Column("agency", sa.ForeignKey("agencies.id"), nullable=False),
    sa.Column("month", sa.Text, nullable=False),
)
cases = sa.Table(
    "cases",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("of_case", sa.ForeignKey("cases.id"), index=True),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("filed_by", sa.ForeignKey("agencies.id"), nullable=False, index=True),
    sa.Column("respondent", sa.ForeignKey("agencies.id"), nullable=False, index=True),
    sa.Column("clause", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("occurred_at", _At, nullable=False),
    sa.Column("claimed_by", sa.Text),
    sa.Column("moved_at", _At, nullable=False),
    sa.Column("deadline_at", _At),
    sa.Index("ix_cases_queue", "status", "deadline_at", "id", postgresql_where=sa.text("status <> 'closed'")),
)
# `key` is that of the move: an activity that is tried again finds its line.
journal = sa.Table(
    "journal",
    metadata,
    sa.Column("case", sa.ForeignKey("cases.id"), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    sa.Column("at", _At, nullable=False),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("target", sa.Text, nullable=False),
)
verdicts = sa.Table(
    "verdicts",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("case", sa.ForeignKey("cases.id"), nullable=False, index=True),
    sa.Column("finding", sa.Text, nullable=False),
    sa.Column("severity", sa.Text, nullable=False),
    sa.Column("reasons", sa.Text, nullable=False),
    sa.Column("decided_by", sa.Text, nullable=False),
    sa.Column("decided_at", _At, nullable=False),
)
violations = sa.Table(
    "violations",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("subject", sa.ForeignKey("agencies.id"), nullable=False),
    sa.Column("period", sa.Text, nullable=False),
    sa.Column("occurred_at", _At, nullable=False),
    sa.Column("stands", sa.Boolean, nullable=False),
    sa.Column("price", sa.Integer, nullable=False),
    sa.Index("ix_violations_score", "subject", "period"),
)
ledger = sa.Table(
    "ledger",
    metadata,
    sa.Column("subject", sa.ForeignKey("agencies.id"), primary_key=True),
    sa.Column("period", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("at", _At, nullable=False),
    sa.Column("violation", sa.ForeignKey("violations.id"), nullable=False),
    sa.Column("change", sa.Integer, nullable=False),
    sa.Column("balance", sa.Integer, nullable=False),
)
# `violation` is the one that brought it, also where a score's tier did.
penalties = sa.Table(
    "penalties",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("subject", sa.ForeignKey("agencies.id"), nullable=False, index=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("violation", sa.ForeignKey("violations.id"), nullable=False),
    sa.Column("restrictions", ARRAY(sa.Text), nullable=False),
    sa.Column("starts_at", _At, nullable=False),
    sa.Column("ends_at", _At),
    sa.Column("lifted_at", _At),
    sa.Index("uq_penalties_base", "violation", "key", unique=True, postgresql_where=sa.text("kind = 'base'")),
    sa.Index(
        "uq_penalties_score",
        "subject",
        "key",
        unique=True,
        postgresql_where=sa.text("kind = 'score' AND lifted_at IS NULL"),
    ),
)
notices = sa.Table(
    "notices",
    metadata,
    sa.Column("case", sa.ForeignKey("cases.id"), primary_key=True),
    sa.Column("recipient", sa.Text, primary_key=True),
    sa.Column("template", sa.Text, primary_key=True),
    sa.Column("values", JSONB, nullable=False),
    sa.Column("at", _At, nullable=False),
    sa.Index("ix_notices_recipient", "recipient", "at"),
)
# What the platform is told: written before it is called, and marked when it has answered.
tellings = sa.Table(
    "tellings",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("subject", sa.ForeignKey("agencies.id"), nullable=False),
    sa.Column("restrictions", ARRAY(sa.Text), nullable=False),
    sa.Column("decided_at", _At, nullable=False),
    sa.Column("told_at", _At),
    sa.Index("ix_tellings_subject", "subject", "decided_at"),
)


def connect(url: str, schema: str, *, pool: int = 20) -> Engine:
    """An engine whose connections are in the schema, with the bounds on statements and locks that Casework has."""
    options = f"-c search_path={schema} -c statement_timeout=4000 -c lock_timeout=4000 -c timezone=UTC"
    parsed = sa.make_url(url).set(drivername="postgresql+psycopg")
    return sa.create_engine(parsed, pool_size=pool, max_overflow=0, connect_args={"options": options})


def make(engine: Engine, schema: str, names: list[str]) -> None:
    """Make the schema, its tables and agencies of these names."""
    with engine.begin() as connection:
        connection.execute(sa.schema.CreateSchema(schema))
        metadata.create_all(connection)
        connection.execute(agencies.insert(), [{"id": name} for name in names])
