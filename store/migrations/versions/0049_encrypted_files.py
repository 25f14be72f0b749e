"""Files of evidence and drafts are encrypted: by which keys a file is kept, and a draft's words as a text."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

_SAME = ("id", "size", "kind", "brought_by", "agency", "at", '"case"', "side", "version", "place")


def upgrade() -> None:
    op.add_column("evidence", sa.Column("wrapped_by", ARRAY(sa.Text)))
    op.add_column("evidence", sa.Column("wrapped", sa.Text))
    op.create_index("ix_evidence_plain", "evidence", ["id"], postgresql_where=sa.text("wrapped_by IS NULL"))
    # What a case has stays as it is; but what an older release stored is encrypted, once.
    new, old = (", ".join(f"{row}.{name}" for name in _SAME) for row in ("NEW", "OLD"))
    op.execute("DROP TRIGGER grows ON evidence")
    op.execute(
        "CREATE TRIGGER grows BEFORE DELETE ON evidence FOR EACH ROW"
        ' WHEN (OLD."case" IS NOT NULL) EXECUTE FUNCTION only_grows()'
    )
    op.execute(
        'CREATE TRIGGER stays BEFORE UPDATE ON evidence FOR EACH ROW WHEN (OLD."case" IS NOT NULL AND ('
        f" OLD.wrapped_by IS NOT NULL OR NEW.wrapped_by IS NULL OR ROW({new}) IS DISTINCT FROM ROW({old})"
        ")) EXECUTE FUNCTION only_grows()"
    )
    op.drop_constraint(op.f("ck_drafts_words_bounded"), "drafts")
    op.execute("ALTER TABLE drafts ALTER COLUMN words TYPE text USING words::text")
    op.create_check_constraint(op.f("ck_drafts_words_bounded"), "drafts", "octet_length(words) <= 262144")
