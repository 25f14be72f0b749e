"""Where a version's wave stood when a year ended: that year stays counted by the version that governed each subject."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("rollouts", sa.Column("stood", JSONB(none_as_null=True)))
