"""A violation keeps the rulebook that prices it, a ledger tells of another class; and indexes for what grows."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_ABOUT = "(violation IS NULL) <> (day IS NULL) OR (coalesce(violation, day::text) IS NULL AND reason = 'class_changed')"
_PENDING = sa.text("told_at IS NULL AND refused_at IS NULL")


def upgrade() -> None:
    op.add_column("violations", sa.Column("rulebook", sa.Text(), nullable=True))
    op.execute('UPDATE violations SET rulebook = cases.rulebook FROM cases WHERE cases.id = violations."case"')
    op.alter_column("violations", "rulebook", nullable=False)
    op.create_foreign_key(op.f("fk_violations_rulebook"), "violations", "rulebooks", ["rulebook"], ["digest"])
    op.drop_constraint(op.f("ck_ledger_of_a_violation_or_a_day"), "ledger")
    op.create_check_constraint(op.f("ck_ledger_of_a_violation_or_a_day"), "ledger", _ABOUT)
    op.drop_index("ix_violations_agency", "violations")
    op.create_index("ix_violations_agency", "violations", ["agency", "occurred_at"])
    op.create_index("ix_penalties_case", "penalties", ["case"])
    op.create_index("ix_tellings_pending", "tellings", ["decided_at"], postgresql_where=_PENDING)
    op.create_index("ix_cases_filed_by", "cases", ["filed_by", "filed_at", "id"])
