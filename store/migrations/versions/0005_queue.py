"""Queues and lists by key: the orders of the open cases, a finder of rare ones, and the orders of a party's cases."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_OPEN = sa.text("status <> 'closed'")
_STANDS = ["kind", "severity", "language", "clause"]


def upgrade() -> None:
    op.drop_index("ix_cases_queue", "cases")
    for name, time in (("due", "deadline_at"), ("filed", "filed_at")):
        order = ["region", "status", time, "id", *_STANDS]
        op.create_index(f"ix_cases_{name}", "cases", order, postgresql_where=_OPEN)
    rare = ["region", "status", *_STANDS]
    # Also open, said in other words: a query chooses by these whether it goes by an order or by what is rare.
    op.create_index("ix_cases_rare", "cases", rare, postgresql_where=sa.text("outcome IS NULL"))
    for name in ("agency", "filed_agency", "respondent"):
        op.drop_index(f"ix_cases_{name}", "cases")
        op.create_index(f"ix_cases_{name}", "cases", [name, "filed_at", "id"])
