"""The place of a file among those that its line brought: a list in the order in which somebody gave them."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("evidence", sa.Column("place", sa.Integer()))
