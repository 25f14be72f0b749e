"""An index for the page of whom the wave of a version has hit (`store/hit.py`)."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    hit = sa.text("kind = 'score' AND \"case\" IS NULL AND NOT on_trial")
    op.create_index("ix_penalties_hit", "penalties", ["rulebook", "id"], postgresql_where=hit)
