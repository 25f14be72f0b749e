"""A version that waits for the wave before it can be taken back: it releases people while that wave stands."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("uq_versions_wave", "versions")
    where = sa.text("status IN ('halted', 'rolling_out')")
    op.create_index("uq_versions_wave", "versions", [sa.text("(true)")], unique=True, postgresql_where=where)
