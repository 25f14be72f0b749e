"""The journal's order, and guards: the ledger and the journal only grow, and what is closed stays as it is."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_GROWS = """
CREATE FUNCTION only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% only grows: % is not possible', TG_TABLE_NAME, TG_OP USING ERRCODE = 'integrity_constraint_violation';
END $$
"""
_FINAL = """
CREATE FUNCTION closed_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR to_jsonb(NEW) - 'stirred' - 'stage' <> to_jsonb(OLD) - 'stirred' - 'stage' THEN
    RAISE EXCEPTION 'case % is closed, and closed is final', OLD.id USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$
"""


def upgrade() -> None:
    op.execute("CREATE SEQUENCE journal_number")
    op.execute(_GROWS)
    for table in ("ledger", "journal", "records"):
        op.execute(
            f"CREATE TRIGGER grows BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION only_grows()"
        )
        op.execute(f"CREATE TRIGGER kept BEFORE TRUNCATE ON {table} EXECUTE FUNCTION only_grows()")
    op.execute(_FINAL)
    op.execute(
        "CREATE TRIGGER final BEFORE UPDATE OR DELETE ON cases FOR EACH ROW"
        " WHEN (OLD.status = 'closed') EXECUTE FUNCTION closed_is_final()"
    )
