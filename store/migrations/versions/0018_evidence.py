"""Files of evidence: a row each, which a party sees of its own side alone."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_KINDS = (
    "image/jpeg",
    "image/png",
    "image/webp",
    "image/gif",
    "image/avif",
    "video/mp4",
    "video/quicktime",
    "video/webm",
    "application/pdf",
)
_AGENCY = "(SELECT nullif(current_setting('casework.agency', true), ''))"
_PERSON = "(SELECT nullif(current_setting('casework.person', true), ''))"
# The policy on `cases` applies in the sub-select too.
_OURS = f"""EXISTS (SELECT FROM cases c WHERE c.id = evidence."case" AND CASE evidence.side
  WHEN 'respondent' THEN c.agency = {_AGENCY} OR c.respondent = {_PERSON}
  ELSE c.filed_agency = {_AGENCY} OR c.filed_by = {_PERSON} END)"""


def upgrade() -> None:
    listed = ", ".join(f"'{kind}'" for kind in _KINDS)
    op.create_table(
        "evidence",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("brought_by", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("case", sa.Text(), nullable=True),
        sa.Column("side", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.CheckConstraint(f"kind IN ({listed})", name=op.f("ck_evidence_kind_known")),
        sa.CheckConstraint("side IN ('reporter', 'respondent')", name=op.f("ck_evidence_side_known")),
        sa.CheckConstraint("hash ~ '^[0-9a-f]{64}$'", name=op.f("ck_evidence_hash_form")),
        sa.CheckConstraint("size > 0", name=op.f("ck_evidence_size_counts")),
        sa.CheckConstraint("name <> ''", name=op.f("ck_evidence_named")),
        sa.CheckConstraint('num_nulls("case", side, version) IN (0, 3)', name=op.f("ck_evidence_of_a_side")),
        sa.ForeignKeyConstraint(["brought_by"], ["people.id"], name=op.f("fk_evidence_brought_by")),
        sa.ForeignKeyConstraint(["agency"], ["agencies.id"], name=op.f("fk_evidence_agency")),
        sa.ForeignKeyConstraint(
            ["case"], ["cases.id"], name=op.f("fk_evidence_case"), deferrable=True, initially="DEFERRED"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
    )
    op.create_index("ix_evidence_case", "evidence", ["case", "version"], postgresql_where=sa.text('"case" IS NOT NULL'))
    op.create_index("ix_evidence_at", "evidence", ["at"], postgresql_where=sa.text('"case" IS NULL'))
    op.create_index("ix_evidence_hash", "evidence", ["hash"])
    # What a case has stays as it is.
    op.execute(
        "CREATE TRIGGER grows BEFORE UPDATE OR DELETE ON evidence FOR EACH ROW"
        ' WHEN (OLD."case" IS NOT NULL) EXECUTE FUNCTION only_grows()'
    )
    op.execute("GRANT SELECT ON evidence TO casework_desk, casework_staff")
    op.execute("ALTER TABLE evidence ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY desk ON evidence FOR SELECT TO casework_desk USING ({_OURS})")
    op.execute("CREATE POLICY staff ON evidence FOR SELECT TO casework_staff USING (true)")
