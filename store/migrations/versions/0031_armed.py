"""When a score penalty that had run its time may come again: once the score has been above its line."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

_CARRIED = "kind = 'score' AND lifted_at IS NULL AND armed_at IS NULL"


def upgrade() -> None:
    op.add_column("penalties", sa.Column("armed_at", sa.DateTime(timezone=True)))
    over = "armed_at IS NULL OR (armed_at >= ends_at AND kind = 'score' AND lifted_at IS NULL)"
    op.create_check_constraint(op.f("ck_penalties_armed_when_over"), "penalties", over)
    op.drop_index("uq_penalties_of_score", "penalties")
    columns = ["subject", "key", "period"]
    op.create_index("uq_penalties_of_score", "penalties", columns, unique=True, postgresql_where=sa.text(_CARRIED))
