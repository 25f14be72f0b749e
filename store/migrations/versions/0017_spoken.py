"""Which languages the open cases have: a query names those that it looks for."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_cases_language", "cases", ["language"], postgresql_where=sa.text("status <> 'closed'"))
