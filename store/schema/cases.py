"""What cases are there, and how far is each? Reports and appeals share one table and one life (`docs/domain.md` §6)."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from rulebook.terms import ORDINARY, PRIORITIES
from states.terms import Finding, Kind, Outcome, Role, Side, Status
from store.schema.metadata import ADDED_LATER, REPEATS, Instant, metadata, one_of

_STAGE = "CASE status " + " ".join(f"WHEN '{s}' THEN '{s.stage}'" for s in Status if s is not Status.NEW) + " END"
_WAITS_FOR_A_CASE = (Status.HELD, Status.UNDER_APPEAL)
_NO_DEADLINE = ", ".join(f"'{s}'" for s in (*_WAITS_FOR_A_CASE, Status.CLOSED))
_OPEN = sa.text("status <> 'closed'")
_ABOUT = sa.text("status <> 'closed' AND about <> '{}'")
# It says "open" as only the queries do that it shall answer: no other index fits them.
_BARRED = sa.text("stage <> 'closed' AND barred <> '{}'")
_STANDS = ("kind", "severity", "language", "clause")

# Texts, stored before the commit that refers to them; without one they mean nothing. `body` is encrypted (decision
# 0025) by a key of its own, which is `wrapped` by those of the names in `wrapped_by`; an older release's has none.
texts = sa.Table(
    "texts",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("wrapped_by", ARRAY(sa.Text), info=ADDED_LATER),
    sa.Column("wrapped", sa.Text, info=ADDED_LATER),
    sa.Index("ix_texts_plain", "id", postgresql_where=sa.text("wrapped_by IS NULL")),
    sa.CheckConstraint("sha256 = encode(sha256(convert_to(body, 'UTF8')), 'hex')", name="hash_of_body"),
)

cases = sa.Table(
    "cases",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("stage", sa.Text, sa.Computed(_STAGE, persisted=True), nullable=False),
    sa.Column("outcome", sa.Text),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("moved_at", Instant, nullable=False),
    sa.Column("deadline_at", Instant),
    # Another case's commit has changed it, and its workflow has not read the row since.
    sa.Column("stirred", sa.Boolean, nullable=False, server_default=sa.false()),
    # What it is judged by, and why that region (`docs/domain.md` §8).
    sa.Column("rulebook", sa.Text, sa.ForeignKey("rulebooks.digest"), nullable=False),
    sa.Column("region", sa.Text, nullable=False),
    sa.Column("region_source", sa.Text, nullable=False),
    sa.Column("language", sa.Text, info=ADDED_LATER),
    # Who filed it about what.
    sa.Column("filed_by", sa.Text, sa.ForeignKey("people.id"), nullable=False),
    sa.Column("filed_role", sa.Text, nullable=False),
    sa.Column("filed_agency", sa.Text, sa.ForeignKey("agencies.id")),
    sa.Column("filed_side", sa.Text, nullable=False),
    sa.Column("filed_at", Instant, nullable=False),
    sa.Column("of_case", sa.Text, sa.ForeignKey("cases.id")),
    sa.Column("clause", sa.Text, nullable=False),
    # As the clause of the pinned rulebook has it.
    sa.Column("priority", sa.SmallInteger, nullable=False, server_default=sa.text(f"{ORDINARY}"), info=REPEATS),
    sa.Column("severity", sa.Text),
    sa.Column("occurred_at", Instant, nullable=False),
    sa.Column("text", sa.Text, sa.ForeignKey("texts.id"), nullable=False),
    sa.Column("about", ARRAY(sa.Text), nullable=False, server_default="{}"),
    # The closed report that this one files again (ruling 20), and the platform's own name of the act.
    sa.Column("again", sa.Text, sa.ForeignKey("cases.id"), info=ADDED_LATER),
    sa.Column("reference", sa.Text, info=ADDED_LATER),
    # Who it is against, and who is charged (ruling 12).
    sa.Column("respondent", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, sa.ForeignKey("subjects.id"), nullable=False),
    sa.Column("agency", sa.Text, sa.ForeignKey("agencies.id")),
    sa.Column("agent", sa.Text, sa.ForeignKey("people.id")),
    # The review.
    sa.Column("claimed_by", sa.Text, sa.ForeignKey("people.id")),
    sa.Column("ever_claimed", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("escalated", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("asked", sa.Text),
    sa.Column("asked_at", Instant),
    # What the respondent is told that it is accused of (ruling 24).
    sa.Column("summarised", sa.Text, sa.ForeignKey("texts.id"), info=ADDED_LATER),
    # How many notes reviewers left, which no party reads (ruling 25).
    sa.Column("notes", sa.Integer, info=ADDED_LATER),
    sa.Column("finding", sa.Text),
    sa.Column("proposer", sa.Text, sa.ForeignKey("people.id")),
    sa.Column("deciders", ARRAY(sa.Text), nullable=False, server_default="{}"),
    sa.Column("barred", ARRAY(sa.Text), nullable=False, server_default="{}"),
    # The times that the clock waits for.
    sa.Column("lease_until", Instant),
    sa.Column("review_due_at", Instant),
    sa.Column("answer_due_at", Instant),
    sa.Column("approval_due_at", Instant),
    sa.Column("escalated_due_at", Instant),
    sa.Column("window_ends_at", Instant),
    one_of("kind", Kind),
    one_of("status", [s for s in Status if s is not Status.NEW]),
    one_of("outcome", Outcome),
    one_of("filed_role", Role),
    one_of("filed_side", Side),
    one_of("asked", Side),
    one_of("finding", Finding),
    sa.CheckConstraint("(status = 'closed') = (outcome IS NOT NULL)", name="closed_has_outcome"),
    sa.CheckConstraint("(status = 'claimed') = (claimed_by IS NOT NULL)", name="claimed_by_one"),
    sa.CheckConstraint("(claimed_by IS NULL) = (lease_until IS NULL)", name="claim_is_a_lease"),
    sa.CheckConstraint("(status = 'awaiting_answer') = (asked IS NOT NULL)", name="asked_one_side"),
    sa.CheckConstraint("(status = 'awaiting_approval') = (proposer IS NOT NULL)", name="proposed_by_one"),
    sa.CheckConstraint("(kind = 'appeal') = (of_case IS NOT NULL)", name="appeal_of_a_report"),
    sa.CheckConstraint("again IS NULL OR kind = 'report'", name="again_a_report"),
    sa.CheckConstraint("claimed_by <> ALL (barred)", name="no_conflict_of_interest"),
    sa.CheckConstraint(
        f"CASE WHEN status IN ({_NO_DEADLINE}) THEN deadline_at IS NULL ELSE deadline_at IS NOT NULL END",
        name="waiting_has_a_deadline",
    ),
    sa.CheckConstraint("version > 0", name="version_counts"),
    sa.CheckConstraint(f"priority BETWEEN {PRIORITIES[0]} AND {PRIORITIES[-1]}", name="priority_known"),
    sa.Index(
        "uq_cases_live_appeal",
        "of_case",
        unique=True,
        postgresql_where=sa.text("of_case IS NOT NULL AND outcome IS NULL"),
    ),
    # A report is filed again once; who wants to once more names the newer one. An act has one name of the platform's.
    sa.Index("uq_cases_again", "again", unique=True, postgresql_where=sa.text("again IS NOT NULL")),
    sa.Index("uq_cases_reference", "reference", unique=True, postgresql_where=sa.text("reference IS NOT NULL")),
    # What may be about the same act.
    sa.Index("ix_cases_alike", "respondent", "occurred_at", postgresql_where=sa.text("kind = 'report'")),
    sa.Index("ix_cases_of_case", "of_case", postgresql_where=sa.text("of_case IS NOT NULL")),
    sa.Index("ix_cases_deadline", "deadline_at", postgresql_where=sa.text("deadline_at IS NOT NULL")),
    sa.Index("ix_cases_stirred", "id", postgresql_where=sa.text("stirred")),
    # The queue's orders within a region and status; the columns of its filters are keys too, so that the index itself
    # filters. `ix_cases_rare` counts and finds the cases where a filter leaves few (decision 0012).
    sa.Index(
        "ix_cases_urgent", "region", "status", "priority", "review_due_at", "id", *_STANDS, postgresql_where=_OPEN
    ),
    sa.Index("ix_cases_due", "region", "status", "deadline_at", "id", *_STANDS, postgresql_where=_OPEN),
    sa.Index("ix_cases_filed", "region", "status", "filed_at", "id", *_STANDS, postgresql_where=_OPEN),
    sa.Index("ix_cases_rare", "region", "status", *_STANDS, postgresql_where=sa.text("outcome IS NULL")),
    # Which priorities a clause's open cases have.
    sa.Index("ix_cases_rank", "clause", "priority", postgresql_where=_OPEN),
    # The orders of a party's list.
    sa.Index("ix_cases_respondent", "respondent", "filed_at", "id"),
    sa.Index("ix_cases_agency", "agency", "filed_at", "id"),
    sa.Index("ix_cases_filed_agency", "filed_agency", "filed_at", "id"),
    sa.Index("ix_cases_filed_by", "filed_by", "filed_at", "id"),
    # The open cases of a subject.
    sa.Index("ix_cases_open_respondent", "respondent", postgresql_where=sa.text("outcome IS NULL")),
    sa.Index("ix_cases_open_subject", "subject", postgresql_where=sa.text("outcome IS NULL")),
    # Which languages there are.
    sa.Index("ix_cases_language", "language", postgresql_where=_OPEN),
    # The open cases about a creator, whoever is charged.
    sa.Index("ix_cases_about", "about", postgresql_using="gin", postgresql_where=_ABOUT),
    # Those that bar somebody, or all of some.
    sa.Index("ix_cases_barred", "barred", postgresql_using="gin", postgresql_where=_BARRED),
)

# A report's slot of its month's quota: a number is taken once until `given_back_at` frees it (`docs/domain.md` §4.1).
quota_slots = sa.Table(
    "quota_slots",
    metadata,
    sa.Column("case", sa.Text, sa.ForeignKey("cases.id", deferrable=True, initially="DEFERRED"), primary_key=True),
    sa.Column("agency", sa.Text, sa.ForeignKey("agencies.id"), nullable=False),
    sa.Column("month", sa.Text, nullable=False),
    sa.Column("slot", sa.Integer, nullable=False),
    sa.Column("taken_at", Instant, nullable=False),
    sa.Column("given_back_at", Instant),
    sa.CheckConstraint("slot > 0", name="slot_counts"),
    sa.CheckConstraint("month ~ '^[0-9]{4}-[0-9]{2}$'", name="month_form"),
    sa.Index(
        "uq_quota_slots_taken",
        "agency",
        "month",
        "slot",
        unique=True,
        postgresql_where=sa.text("given_back_at IS NULL"),
    ),
)
