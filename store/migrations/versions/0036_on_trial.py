"""What is on trial: penalties that are only counted, violations of clauses on trial, and regions without a score."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("penalties", "violations"):
        op.add_column(table, sa.Column("on_trial", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.alter_column("violations", "scheme", nullable=True)
    op.alter_column("violations", "period", nullable=True)
    op.create_check_constraint(
        op.f("ck_violations_of_a_score_and_period"), "violations", "(scheme IS NULL) = (period IS NULL)"
    )
    op.create_check_constraint(
        op.f("ck_violations_of_no_score_costs_nothing"), "violations", "scheme IS NOT NULL OR price = 0"
    )
