"""The queue by urgency: a case's priority, the order by it, and what its filters look for."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_OPEN = sa.text("status <> 'closed'")


def upgrade() -> None:
    # Cases that were filed before are ordinary, as their rulebooks say nothing else.
    op.add_column("cases", sa.Column("priority", sa.SmallInteger(), server_default=sa.text("5"), nullable=False))
    op.create_check_constraint(op.f("ck_cases_priority_known"), "cases", "priority BETWEEN 1 AND 9")
    order = ["region", "status", "priority", "review_due_at", "id", "kind", "severity", "language", "clause"]
    op.create_index("ix_cases_urgent", "cases", order, postgresql_where=_OPEN)
    about = sa.text("status <> 'closed' AND about <> '{}'")
    op.create_index("ix_cases_about", "cases", ["about"], postgresql_using="gin", postgresql_where=about)
    reviewers = sa.text("role IN ('moderator', 'senior_moderator')")
    op.create_index("ix_people_reviewers", "people", ["id"], postgresql_where=reviewers)
