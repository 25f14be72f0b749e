"""People leave and change sides: since when they sit where they do, the seats that they had, and when they left."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_ROLES = (
    "role IN ('owner', 'team_lead', 'agent', 'creator', 'moderator', 'senior_moderator', 'policy_editor',"
    " 'policy_approver', 'ops', 'auditor', 'platform', 'clock', 'engine')"
)
_AGENCY = "(SELECT nullif(current_setting('casework.agency', true), ''))"
_PERSON = "(SELECT nullif(current_setting('casework.person', true), ''))"
# What somebody filed for another agency than their present one is that agency's, and theirs no longer.
_CASES = (
    f"((kind = 'report' OR filed_side = 'respondent') AND (agency = {_AGENCY} OR respondent = {_PERSON}))"
    " OR ((kind = 'report' OR filed_side = 'reporter')"
    f" AND (filed_agency = {_AGENCY} OR (filed_agency IS NULL AND filed_by = {_PERSON})))"
)


def upgrade() -> None:
    for name in ("since", "ended_at"):
        op.add_column("people", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "seats",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=True),
        sa.CheckConstraint(_ROLES, name=op.f("ck_seats_role_known")),
        sa.CheckConstraint(
            "(agency IS NOT NULL) = (role IN ('owner', 'team_lead', 'agent'))", name=op.f("ck_seats_agency_people")
        ),
        sa.ForeignKeyConstraint(["agency"], ["agencies.id"], name=op.f("fk_seats_agency")),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_seats_person")),
        sa.PrimaryKeyConstraint("person", "since", name=op.f("pk_seats")),
    )
    op.execute(f"ALTER POLICY desk ON cases USING ({_CASES})")
