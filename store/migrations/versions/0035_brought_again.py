"""What a violation brought and was lifted may come again: a version that stood something else instead was taken back."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("uq_penalties_of_violation", "penalties")
    standing = sa.text("violation IS NOT NULL AND lifted_at IS NULL")
    op.create_index(
        "uq_penalties_of_violation", "penalties", ["violation", "key"], unique=True, postgresql_where=standing
    )
