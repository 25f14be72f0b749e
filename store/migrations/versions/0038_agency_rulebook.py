"""By which version an agency gets what a violation of a creator of another region brings: as it was at the verdict."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("violations", sa.Column("agency_rulebook", sa.Text(), nullable=True))
    op.create_foreign_key(
        op.f("fk_violations_agency_rulebook"),
        "violations",
        "rulebooks",
        ["agency_rulebook"],
        ["digest"],
        deferrable=True,
        initially="IMMEDIATE",
    )
