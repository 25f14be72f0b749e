"""How somebody wants to read in the console: theme, keys, and how evidence is veiled."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("preferences", sa.Column("theme", sa.Text))
    op.create_check_constraint("theme_known", "preferences", "theme IN ('light', 'dark')")
    for name in ("keys", "blur", "grey", "mute"):
        op.add_column("preferences", sa.Column(name, sa.Boolean, nullable=False, server_default=sa.true()))
