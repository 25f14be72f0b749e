"""A line of the ledger says which severity its violation had when the line was written."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("ledger", sa.Column("severity", sa.Text(), nullable=True))
