"""Through what a feed, a telling or a rulebook came is recorded, as with each line of a case."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("records", sa.Column("through", sa.Text(), nullable=True))
