"""A creator's violation can be charged to the agency too: a verdict then has a second violation, which names the first."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("violations", sa.Column("origin", sa.Text(), nullable=True))
    verdict = sa.Computed("coalesce(origin, id)", persisted=True)
    op.add_column("violations", sa.Column("verdict", sa.Text(), verdict, nullable=False))
    op.drop_constraint(op.f("fk_violations_id"), "violations", type_="foreignkey")
    op.create_foreign_key(op.f("fk_violations_verdict"), "violations", "verdicts", ["verdict"], ["id"])
    op.create_foreign_key(op.f("fk_violations_origin"), "violations", "violations", ["origin"], ["id"])
    op.create_unique_constraint(op.f("uq_violations_verdict_subject"), "violations", ["verdict", "subject"])
    op.create_check_constraint(op.f("ck_violations_counted_once"), "violations", "origin IS NULL OR agency IS NULL")
