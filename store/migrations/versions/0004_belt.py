"""The second belt: two roles that read for the desk, and policies that choose their rows (see `store/row_security.py`)."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# Who looks after some rows, and who looks after all: staff and the platform.
_DESK, _STAFF = "casework_desk", "casework_staff"
# Roles belong to the whole server: another database's migration may make them, before us or at the same time.
_ROLE = """
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN
    BEGIN
      CREATE ROLE {role} NOLOGIN;
    EXCEPTION
      WHEN duplicate_object OR unique_violation THEN
        NULL;
      WHEN insufficient_privilege THEN
        RAISE EXCEPTION 'the database has no role {role}, and % may not create it', current_user
          USING HINT = format('as an administrator: CREATE ROLE {role} NOLOGIN; GRANT {role} TO %I;', current_user);
    END;
  END IF;
END $$
"""
# Before version 16 whoever is a member may become the role.
_MEMBER = """
DO $$
DECLARE
  become text := CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END;
BEGIN
  IF NOT pg_has_role(current_user, '{role}', become) THEN
    BEGIN
      GRANT {role} TO CURRENT_USER;
    EXCEPTION
      WHEN duplicate_object OR unique_violation THEN
        NULL;
      WHEN insufficient_privilege THEN
        RAISE EXCEPTION '% may not become the role {role}', current_user
          USING HINT = format('as an administrator: GRANT {role} TO %I;', current_user);
    END;
  END IF;
END $$
"""
# Words are read by their ids, which only the policied rows tell; nobody can list them.
_WORDS = """
CREATE FUNCTION words(ids text[]) RETURNS TABLE (id text, body text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS 'SELECT texts.id, texts.body FROM texts WHERE texts.id = ANY (ids)'
"""

# A setting that is missing or empty is nobody's. In a sub-select it is read once a statement, not once a row.
_AGENCY = "(SELECT nullif(current_setting('casework.agency', true), ''))"
_PERSON = "(SELECT nullif(current_setting('casework.person', true), ''))"
_AT = "(SELECT coalesce(nullif(current_setting('casework.at', true), ''), 'infinity')::timestamptz)"
_MANAGED = f"""(
  SELECT m.creator FROM managements m WHERE m.agency = {_AGENCY} AND m.since <= {_AT} AND NOT EXISTS (
    SELECT FROM managements n WHERE n.creator = m.creator AND n.since > m.since AND n.since <= {_AT}))"""
_SUBJECT = f"{{0}} IN ({_AGENCY}, {_PERSON}) OR {{0}} IN {_MANAGED}"
_SUBJECTS = _SUBJECT.format("subject")
_CREATORS = _SUBJECT.format("creator")
# The policy on `cases` applies in the sub-select too.
_OF_CASE_EACH = 'EXISTS (SELECT FROM cases c WHERE c.id = {0}."case")'
_OF_OUR_ACT = f"EXISTS (SELECT FROM violations v WHERE v.id = violation AND v.agency = {_AGENCY})"

# fmt: off
_POLICIES = {
    "cases": f"((kind = 'report' OR filed_side = 'respondent') AND (agency = {_AGENCY} OR respondent = {_PERSON}))"
             f" OR ((kind = 'report' OR filed_side = 'reporter') AND (filed_agency = {_AGENCY} OR filed_by = {_PERSON}))",
    "journal": _OF_CASE_EACH.format("journal"),
    "verdicts": _OF_CASE_EACH.format("verdicts"),
    "commands": f"actor = {_PERSON}",
    "violations": f"agency = {_AGENCY} OR {_SUBJECTS}",
    "ledger": _SUBJECTS,
    "penalties": f"{_SUBJECTS} OR {_OF_OUR_ACT}",
    "standings": _SUBJECTS,
    "tellings": _SUBJECTS,
    "profiles": _CREATORS,
    "streaming_days": _CREATORS,
    "quota_slots": f"agency = {_AGENCY}",
    "notices": f"recipient IN ({_AGENCY}, {_PERSON})",
    "webhooks": f"agency = {_AGENCY}",
    "deliveries": "EXISTS (SELECT FROM webhooks w WHERE w.id = webhook)",
    "api_keys": f"person = {_PERSON} OR EXISTS (SELECT FROM people p WHERE p.id = person AND p.agency = {_AGENCY})",
    "incidents": "false",
    "records": "false",
}
# fmt: on
_OPEN = ("agencies", "creators", "managements", "people", "rulebooks", "subjects", *_POLICIES)


def upgrade() -> None:
    for role in (_DESK, _STAFF):
        op.execute(_ROLE.replace("{role}", role))
        op.execute(_MEMBER.replace("{role}", role))
    both = f"{_DESK}, {_STAFF}"
    op.execute(f"GRANT USAGE ON SCHEMA public TO {both}")
    op.execute(f"GRANT SELECT ON {', '.join(_OPEN)} TO {both}")
    op.execute(_WORDS)
    op.execute("REVOKE ALL ON FUNCTION words(text[]) FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION words(text[]) TO {both}")
    for table, rows in _POLICIES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY desk ON {table} FOR SELECT TO {_DESK} USING ({rows})")
        # Nothing to be computed of a row: an index alone can answer.
        op.execute(f"CREATE POLICY staff ON {table} FOR SELECT TO {_STAFF} USING (true)")
