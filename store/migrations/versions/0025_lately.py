"""How much evidence somebody has brought lately: what bounds it is asked at each upload."""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_evidence_brought_by", "evidence", ["brought_by", "at"])
