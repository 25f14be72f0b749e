"""What was ordered about what is kept of somebody: it only grows, and is read by staff alone."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "privacy_orders",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('erase', 'hold', 'release')", name=op.f("ck_privacy_orders_kind_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_orders")),
    )
    op.create_index("ix_privacy_orders_name", "privacy_orders", ["name", "id"])
    op.execute(
        "CREATE TRIGGER grows BEFORE UPDATE OR DELETE ON privacy_orders FOR EACH ROW EXECUTE FUNCTION only_grows()"
    )
    op.execute("CREATE TRIGGER kept BEFORE TRUNCATE ON privacy_orders EXECUTE FUNCTION only_grows()")
    op.execute("GRANT SELECT ON privacy_orders TO casework_desk, casework_staff")
    op.execute("ALTER TABLE privacy_orders ENABLE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY desk ON privacy_orders FOR SELECT TO casework_desk USING (false)")
    op.execute("CREATE POLICY staff ON privacy_orders FOR SELECT TO casework_staff USING (true)")
