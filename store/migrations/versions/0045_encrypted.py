"""Words are encrypted: by which keys, and what they made of each text's own."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0045"
down_revision = "0042"
branch_labels = None
depends_on = None

_READERS = "casework_desk, casework_staff"


def upgrade() -> None:
    op.add_column("texts", sa.Column("wrapped_by", ARRAY(sa.Text)))
    op.add_column("texts", sa.Column("wrapped", sa.Text))
    op.create_index("ix_texts_plain", "texts", ["id"], postgresql_where=sa.text("wrapped_by IS NULL"))
    op.execute("DROP FUNCTION words(text[])")
    op.execute("""
CREATE FUNCTION words(ids text[]) RETURNS TABLE (id text, body text, wrapped_by text[], wrapped text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS 'SELECT texts.id, texts.body, texts.wrapped_by, texts.wrapped FROM texts WHERE texts.id = ANY (ids)'
""")
    op.execute("REVOKE ALL ON FUNCTION words(text[]) FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION words(text[]) TO {_READERS}")
