"""A mistake is mended: reports filed again, verdicts set aside, references of the platform, summaries and notes."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_STANDINGS = ("proposed", "rejected", "lapsed", "in_force", "overturned", "modified", "set_aside")
# Reviewers' notes are no party's to read (ruling 25).
_LINES = """event <> 'note' AND EXISTS (SELECT FROM cases c WHERE c.id = journal."case")"""


def upgrade() -> None:
    for name in ("again", "reference", "summarised"):
        op.add_column("cases", sa.Column(name, sa.Text(), nullable=True))
    op.add_column("cases", sa.Column("notes", sa.Integer(), nullable=True))
    op.create_foreign_key(op.f("fk_cases_again"), "cases", "cases", ["again"], ["id"])
    op.create_foreign_key(op.f("fk_cases_summarised"), "cases", "texts", ["summarised"], ["id"])
    op.create_check_constraint(op.f("ck_cases_again_a_report"), "cases", "again IS NULL OR kind = 'report'")
    for name in ("again", "reference"):
        op.create_index(
            f"uq_cases_{name}", "cases", [name], unique=True, postgresql_where=sa.text(f"{name} IS NOT NULL")
        )
    op.create_index(
        "ix_cases_alike", "cases", ["respondent", "occurred_at"], postgresql_where=sa.text("kind = 'report'")
    )
    op.create_index(
        "ix_verdicts_duplicate_of",
        "verdicts",
        ["duplicate_of"],
        postgresql_where=sa.text("duplicate_of IS NOT NULL"),
    )
    listed = ", ".join(f"'{standing}'" for standing in _STANDINGS)
    op.drop_constraint(op.f("ck_verdicts_standing_known"), "verdicts")
    op.create_check_constraint(op.f("ck_verdicts_standing_known"), "verdicts", f"standing IN ({listed})")
    op.execute(f"ALTER POLICY desk ON journal USING ({_LINES})")
