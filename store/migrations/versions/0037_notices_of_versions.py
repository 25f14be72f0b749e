"""Notices may be about a version of the rulebook, and may be to everybody of a region."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

_AGENCY, _PERSON = (
    f"(SELECT nullif(current_setting('casework.{setting}', true), ''))" for setting in ("agency", "person")
)
_CHECKS = {
    "about_one": 'num_nonnulls("case", version) = 1',
    "to_one": "num_nonnulls(recipient, region) = 1",
    "of_a_version": "version IS NOT NULL OR num_nonnulls(about, region) = 0",
}


def upgrade() -> None:
    for column in ("recipient", "case"):
        op.alter_column("notices", column, nullable=True)
    for column in ("version", "about", "region"):
        op.add_column("notices", sa.Column(column, sa.Text()))
    op.create_foreign_key(op.f("fk_notices_version"), "notices", "versions", ["version"], ["digest"])
    op.create_foreign_key(op.f("fk_notices_about"), "notices", "subjects", ["about"], ["id"])
    for name, check in _CHECKS.items():
        op.create_check_constraint(op.f(f"ck_notices_{name}"), "notices", check)
    op.create_index("ix_notices_version", "notices", ["version"], postgresql_where=sa.text("version IS NOT NULL"))
    once = sa.text("coalesce(recipient, region)")
    wave = sa.text("about IS NOT NULL OR region IS NOT NULL")
    columns: list[str | sa.TextClause] = ["version", "template", sa.text("coalesce(about, '')"), once]
    op.create_index("uq_notices_once", "notices", columns, unique=True, postgresql_where=wave)
    op.execute("DROP POLICY desk ON notices")
    op.execute(
        "CREATE POLICY desk ON notices FOR SELECT TO casework_desk"
        f" USING (recipient IS NULL OR recipient IN ({_AGENCY}, {_PERSON}))"
    )
