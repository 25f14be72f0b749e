"""What was decided? Verdicts, and the violations that they found."""

from enum import StrEnum

import sqlalchemy as sa

from rulebook.terms import CreatorClass, Severity
from states.terms import Finding
from store.schema.metadata import ADDED_LATER, REPEATS, Instant, metadata, one_of, refers


class Validity(StrEnum):
    """A verdict's own life: proposed until a second vote, then in force until an appeal changes or somebody ends it."""

    PROPOSED = "proposed"
    REJECTED = "rejected"
    LAPSED = "lapsed"
    IN_FORCE = "in_force"
    OVERTURNED = "overturned"
    MODIFIED = "modified"
    SET_ASIDE = "set_aside"


verdicts = sa.Table(
    "verdicts",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("case", sa.Text, refers("cases.id"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("standing", sa.Text, nullable=False),
    sa.Column("finding", sa.Text, nullable=False),
    sa.Column("clause", sa.Text, nullable=False),
    sa.Column("severity", sa.Text),
    sa.Column("extra", sa.Integer, nullable=False),
    sa.Column("duplicate_of", sa.Text, refers("cases.id")),
    sa.Column("reasons", sa.Text, refers("texts.id"), nullable=False),
    sa.Column("decided_by", sa.Text, refers("people.id"), nullable=False),
    sa.Column("decided_at", Instant, nullable=False),
    sa.Column("seconded_by", sa.Text, refers("people.id")),
    sa.Column("seconded_at", Instant),
    sa.Column("seconding_reasons", sa.Text, refers("texts.id")),
    sa.UniqueConstraint("case", "number"),
    one_of("standing", Validity),
    one_of("finding", Finding),
    one_of("severity", Severity),
    sa.CheckConstraint("seconded_by <> decided_by", name="second_person"),
    sa.CheckConstraint("extra >= 0", name="extra_counts"),
    sa.CheckConstraint("(finding = 'violation') = (severity IS NOT NULL)", name="violation_has_severity"),
    sa.CheckConstraint("(finding = 'duplicate') = (duplicate_of IS NOT NULL)", name="duplicate_of_one"),
    sa.Index("ix_verdicts_duplicate_of", "duplicate_of", postgresql_where=sa.text("duplicate_of IS NOT NULL")),
)

# A finding against a subject. What its price depends on is as of the moment it happened (ruling 9). A creator's that is
# charged to the agency too (§2.9) has two rows: the agency's names the other as `origin`; triggers don't count it.
# `scheme` and `period` are those of the score that it is counted in; a region may have none for its subject. One is
# `on_trial` whose clause was when it happened: it may never cost anything, and triggers never count it.
violations = sa.Table(
    "violations",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("number", sa.BigInteger, sa.Identity(), nullable=False, unique=True),
    sa.Column("case", sa.Text, refers("cases.id"), nullable=False),
    sa.Column("subject", sa.Text, refers("subjects.id"), nullable=False),
    sa.Column("scheme", sa.Text),
    sa.Column("period", sa.Text),
    sa.Column("clause", sa.Text, nullable=False),
    sa.Column("occurred_at", Instant, nullable=False),
    sa.Column("decided_at", Instant, nullable=False),
    sa.Column("severity", sa.Text, nullable=False),
    sa.Column("extra", sa.Integer, nullable=False),
    sa.Column("class", sa.Text),
    sa.Column("level", sa.SmallInteger),
    sa.Column("followers", sa.BigInteger),
    sa.Column("average_viewers", sa.BigInteger),
    sa.Column("agency", sa.Text, refers("agencies.id")),
    sa.Column("agent", sa.Text, refers("people.id")),
    sa.Column("stands", sa.Boolean, nullable=False),
    sa.Column("price", sa.Integer, nullable=False),
    sa.Column("origin", sa.Text, refers("violations.id"), info=ADDED_LATER),
    sa.Column("on_trial", sa.Boolean, nullable=False, server_default=sa.false(), info=ADDED_LATER),
    # As the case pins it: what prices the violation stands beside it, not in thousands of other rows.
    sa.Column("rulebook", sa.Text, refers("rulebooks.digest"), nullable=False, info=REPEATS),
    # By which version the agency gets what it brings, where the agency lives in another region than its creator.
    sa.Column("agency_rulebook", sa.Text, refers("rulebooks.digest"), info=ADDED_LATER),
    sa.Column(
        "verdict",
        sa.Text,
        refers("verdicts.id"),
        sa.Computed("coalesce(origin, id)", persisted=True),
        nullable=False,
        info=REPEATS,
    ),
    sa.UniqueConstraint("verdict", "subject"),
    one_of("severity", Severity),
    one_of("class", CreatorClass),
    sa.CheckConstraint("price >= 0", name="price_counts"),
    sa.CheckConstraint("(scheme IS NULL) = (period IS NULL)", name="of_a_score_and_period"),
    sa.CheckConstraint("scheme IS NOT NULL OR price = 0", name="of_no_score_costs_nothing"),
    sa.CheckConstraint("origin IS NULL OR agency IS NULL", name="counted_once"),
    sa.Index("ix_violations_score", "subject", "scheme", "period", postgresql_where=sa.text("stands")),
    sa.Index("ix_violations_agency", "agency", "occurred_at"),
    sa.Index("ix_violations_case", "case"),
)
