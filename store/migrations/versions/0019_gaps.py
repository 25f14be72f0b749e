"""When somebody left a seat, if they had none for a time before the next."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("seats", sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True))
