"""What ops mended: it only grows, and is read by staff alone."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "repairs",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("whose", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("repair", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repairs")),
    )
    op.execute("CREATE TRIGGER grows BEFORE UPDATE OR DELETE ON repairs FOR EACH ROW EXECUTE FUNCTION only_grows()")
    op.execute("CREATE TRIGGER kept BEFORE TRUNCATE ON repairs EXECUTE FUNCTION only_grows()")
    op.execute("GRANT SELECT ON repairs TO casework_desk, casework_staff")
    op.execute("ALTER TABLE repairs ENABLE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY desk ON repairs FOR SELECT TO casework_desk USING (false)")
    op.execute("CREATE POLICY staff ON repairs FOR SELECT TO casework_staff USING (true)")
