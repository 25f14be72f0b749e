"""Through what each line of the journal came: a session, a key, the command line."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("journal", sa.Column("through", sa.Text(), nullable=True))
