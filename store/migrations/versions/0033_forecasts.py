"""Whom a proposed version of the rulebook would hit: kept with the proposal, and read by staff alone."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "forecasts",
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("hit", sa.Integer(), nullable=False),
        sa.Column("most_hit", sa.Integer(), nullable=False),
        sa.Column("figures", postgresql.JSONB(), nullable=False),
        sa.Column("subjects", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint("hit BETWEEN 0 AND seen AND most_hit >= hit", name=op.f("ck_forecasts_hit_counts")),
        sa.ForeignKeyConstraint(["version"], ["versions.digest"], name=op.f("fk_forecasts_version")),
        sa.PrimaryKeyConstraint("version", "number", name=op.f("pk_forecasts")),
    )
    op.execute("CREATE TRIGGER grows BEFORE UPDATE OR DELETE ON forecasts FOR EACH ROW EXECUTE FUNCTION only_grows()")
    op.execute("CREATE TRIGGER kept BEFORE TRUNCATE ON forecasts EXECUTE FUNCTION only_grows()")
    op.execute("GRANT SELECT ON forecasts TO casework_desk, casework_staff")
    op.execute("ALTER TABLE forecasts ENABLE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY desk ON forecasts FOR SELECT TO casework_desk USING (false)")
    op.execute("CREATE POLICY staff ON forecasts FOR SELECT TO casework_staff USING (true)")
