"""Guards of fairness: a proposal needs its second vote, and whoever decided a report never takes its appeal."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_SECOND_VOTE = """
CREATE FUNCTION second_vote() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'verdict % waits for its second vote', OLD.id USING ERRCODE = 'integrity_constraint_violation';
END $$
"""
_OWN_VERDICT = """
CREATE FUNCTION own_verdict() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM cases WHERE id = NEW.of_case AND NEW.claimed_by = ANY (deciders)) THEN
    RAISE EXCEPTION '% decided the report of %', NEW.claimed_by, NEW.id
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$
"""


def upgrade() -> None:
    op.execute(_SECOND_VOTE)
    op.execute(
        "CREATE TRIGGER second_vote BEFORE UPDATE OF standing ON verdicts FOR EACH ROW"
        " WHEN (OLD.standing = 'proposed' AND NEW.standing = 'in_force' AND NEW.seconded_by IS NULL)"
        " EXECUTE FUNCTION second_vote()"
    )
    op.execute(_OWN_VERDICT)
    op.execute(
        "CREATE TRIGGER own_verdict BEFORE INSERT OR UPDATE OF claimed_by ON cases FOR EACH ROW"
        " WHEN (NEW.kind = 'appeal' AND NEW.claimed_by IS NOT NULL) EXECUTE FUNCTION own_verdict()"
    )
