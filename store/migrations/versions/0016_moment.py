"""The newest commit's time is found at the end of an index: no read looks at an earlier moment (`store/moment.py`)."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_journal_at", "journal", ["at"])
    op.create_index("ix_records_at", "records", ["at"])
