"""The open cases of a subject: against it, and charged to it."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("respondent", "subject"):
        op.create_index(f"ix_cases_open_{name}", "cases", [name], postgresql_where=sa.text("outcome IS NULL"))
