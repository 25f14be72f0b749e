"""A ledger line may be of no act where a version of the rulebook counts the score otherwise."""

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_NAME = "ck_ledger_of_a_violation_or_a_day"


def upgrade() -> None:
    op.drop_constraint(op.f(_NAME), "ledger")
    op.create_check_constraint(
        op.f(_NAME),
        "ledger",
        "(violation IS NULL) <> (day IS NULL) OR (coalesce(violation, day::text) IS NULL"
        " AND reason IN ('class_changed', 'version_in_force'))",
    )
