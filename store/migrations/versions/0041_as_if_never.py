"""What a version that is taken back leaves of a penalty: what it restricts where that is less, and when it was imposed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("penalties", sa.Column("imposed_at", sa.DateTime(timezone=True)))
    op.add_column("penalties", sa.Column("restrictions", ARRAY(sa.Text())))
    for name, held in (
        ("imposed_after_start", "imposed_at > starts_at"),
        ("less_by_a_violation", "restrictions IS NULL OR violation IS NOT NULL"),
    ):
        op.create_check_constraint(op.f(f"ck_penalties_{name}"), "penalties", held)
