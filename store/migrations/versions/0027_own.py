"""What is somebody's own at the desk: drafts, and until when they have read their notices."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_ROLES = "casework_desk", "casework_staff"
_PERSON = "(SELECT nullif(current_setting('casework.person', true), ''))"


def upgrade() -> None:
    op.create_table(
        "drafts",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("words", postgresql.JSONB(), nullable=False),
        sa.Column("files", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('report', 'appeal')", name=op.f("ck_drafts_kind_known")),
        sa.CheckConstraint("length(key) BETWEEN 1 AND 200", name=op.f("ck_drafts_key_bounded")),
        sa.CheckConstraint("octet_length(words::text) <= 262144", name=op.f("ck_drafts_words_bounded")),
        sa.CheckConstraint("cardinality(files) <= 10", name=op.f("ck_drafts_files_bounded")),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_drafts_person")),
        sa.PrimaryKeyConstraint("person", "key", name=op.f("pk_drafts")),
    )
    op.create_index("ix_drafts_at", "drafts", ["at"])
    op.create_table(
        "notices_read",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("up_to", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_notices_read_person")),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_notices_read")),
    )
    for table in ("drafts", "notices_read"):
        op.execute(f"GRANT SELECT ON {table} TO {', '.join(_ROLES)}")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        for name, role in zip(("desk", "staff"), _ROLES, strict=True):  # staff see nobody else's, either
            op.execute(f"CREATE POLICY {name} ON {table} FOR SELECT TO {role} USING (person = {_PERSON})")
