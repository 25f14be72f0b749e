"""Which open cases bar somebody: whom they bar does not find them, and what bars all who read it is everybody's."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    barred = sa.text("stage <> 'closed' AND barred <> '{}'")
    op.create_index("ix_cases_barred", "cases", ["barred"], postgresql_using="gin", postgresql_where=barred)
