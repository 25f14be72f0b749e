"""Which priorities the open cases of a clause have: a page by urgency reads no others."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_cases_rank", "cases", ["clause", "priority"], postgresql_where=sa.text("status <> 'closed'"))
