"""The append-only ledger of scores, and the penalties (`docs/domain.md` §2, §3)."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from rulebook.terms import PenaltyKind
from store.schema.metadata import ADDED_LATER, Instant, metadata, one_of, refers

# A line is one change of one act's price, in points, with the score after it: `balance` = the one before + `change`.
# `severity` is that of its violation then; lines of older releases don't say it.
ledger = sa.Table(
    "ledger",
    metadata,
    sa.Column("subject", sa.Text, refers("subjects.id"), primary_key=True),
    sa.Column("scheme", sa.Text, primary_key=True),
    sa.Column("period", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("rule", sa.Text, nullable=False),
    sa.Column("case", sa.Text, refers("cases.id")),
    sa.Column("violation", sa.Text, refers("violations.id")),
    sa.Column("day", sa.Date),
    sa.Column("price", sa.Integer, nullable=False),
    sa.Column("change", sa.Integer, nullable=False),
    sa.Column("balance", sa.Integer, nullable=False),
    sa.Column("severity", sa.Text, info=ADDED_LATER),
    sa.CheckConstraint(
        "(violation IS NULL) <> (day IS NULL) OR (coalesce(violation, day::text) IS NULL"
        " AND reason IN ('class_changed', 'version_in_force'))",
        name="of_a_violation_or_a_day",
    ),
    sa.CheckConstraint("number > 0", name="number_counts"),
    sa.Index("ix_ledger_violation", "violation"),
)

# A penalty is in force from `starts_at` until `ends_at` or `lifted_at`, whichever is first. One `on_trial` never is: it
# is counted for as long, and nobody is told of it.
penalties = sa.Table(
    "penalties",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("subject", sa.Text, refers("subjects.id"), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("rulebook", sa.Text, refers("rulebooks.digest"), nullable=False),
    sa.Column("case", sa.Text, refers("cases.id")),
    sa.Column("violation", sa.Text, refers("violations.id")),
    sa.Column("scheme", sa.Text),
    sa.Column("period", sa.Text),
    sa.Column("starts_at", Instant, nullable=False),
    sa.Column("ends_at", Instant),
    sa.Column("lifted_at", Instant),
    # Of a score penalty that had run its time: when the score was above its line, and the penalty could come again.
    sa.Column("armed_at", Instant, info=ADDED_LATER),
    sa.Column("on_trial", sa.Boolean, nullable=False, server_default=sa.false(), info=ADDED_LATER),
    # When it was imposed, where it runs since a time before; older releases don't say it.
    sa.Column("imposed_at", Instant, info=ADDED_LATER),
    # What it restricts, where that is less than its version says: another that answers for it says less.
    sa.Column("restrictions", ARRAY(sa.Text), info=ADDED_LATER),
    one_of("kind", PenaltyKind),
    sa.CheckConstraint("(kind = 'score') = (violation IS NULL)", name="score_penalty_of_no_violation"),
    sa.CheckConstraint("(kind = 'score') = (period IS NOT NULL)", name="score_penalty_of_a_period"),
    sa.CheckConstraint("imposed_at > starts_at", name="imposed_after_start"),
    sa.CheckConstraint("restrictions IS NULL OR violation IS NOT NULL", name="less_by_a_violation"),
    sa.CheckConstraint("ends_at > starts_at", name="ends_after_start"),
    sa.CheckConstraint("lifted_at >= starts_at", name="lifted_after_start"),
    sa.CheckConstraint(
        "armed_at IS NULL OR (armed_at >= ends_at AND kind = 'score' AND lifted_at IS NULL)", name="armed_when_over"
    ),
    sa.Index(
        "uq_penalties_of_violation",
        "violation",
        "key",
        unique=True,
        postgresql_where=sa.text("violation IS NOT NULL AND lifted_at IS NULL"),
    ),
    sa.Index(
        "uq_penalties_of_score",
        "subject",
        "key",
        "period",
        unique=True,
        postgresql_where=sa.text("kind = 'score' AND lifted_at IS NULL AND armed_at IS NULL"),
    ),
    sa.Index("ix_penalties_subject", "subject"),
    sa.Index("ix_penalties_case", "case"),
    sa.Index(
        "ix_penalties_hit",
        "rulebook",
        "id",
        postgresql_where=sa.text("kind = 'score' AND \"case\" IS NULL AND NOT on_trial"),
    ),
)
