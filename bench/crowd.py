"""Data for `bench/queue.py`: many open cases, spread unevenly over regions, languages, clauses and statuses."""

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy import Connection

AT = datetime(2026, 11, 21, tzinfo=UTC)
REGIONS = ("VN", "ID", "BR", "US", "DE", "FR", "GB", "IS")
RARE_REGION, RARE_LANGUAGE, RARE_CLAUSE = "IS", "ay", "content.minor_safety"
LIVE = "0" * 64

# In shares of 1: one region has two fifths, one has one case in two thousand; a language and a clause are rarer still.
# A status decides how long ago a case was filed and when its deadline is.
_COLUMNS = """
id kind status version moved_at deadline_at rulebook region region_source language filed_by filed_role filed_agency
filed_side filed_at of_case clause severity occurred_at text respondent subject agency claimed_by lease_until asked
proposer review_due_at escalated priority barred about
"""
_CASES = """
SELECT kind || '-' || encode(sha256(n::text::bytea), 'hex'), kind, status, 1, filed_at, deadline_at, :rulebook, region,
    'declared', language, CASE WHEN platform THEN 'platform' ELSE 'owner' || (agency + 1) END,
    CASE WHEN platform THEN 'platform' ELSE 'owner' END, CASE WHEN NOT platform THEN 'agency' || (agency + 1) END,
    CASE kind WHEN 'report' THEN 'reporter' ELSE 'respondent' END, filed_at,
    CASE kind WHEN 'appeal' THEN 'report-' || n END, clause, severity, filed_at, 'text',
    'agency' || agency, 'agency' || agency, 'agency' || agency,
    CASE status WHEN 'claimed' THEN 'mod' END, CASE status WHEN 'claimed' THEN deadline_at END,
    CASE status WHEN 'awaiting_answer' THEN 'reporter' END, CASE status WHEN 'awaiting_approval' THEN 'mod' END,
    CASE WHEN status <> 'held' THEN filed_at + interval '72 hours' END, status = 'escalated',
    CASE clause WHEN 'content.minor_safety' THEN 1 WHEN 'content.gambling' THEN 3 ELSE 5 END,
    CASE WHEN status IN ('queued', 'escalated') AND r5 < 0.05 THEN
      ARRAY[CASE WHEN r5 < 0.001 THEN 'mod' ELSE 'decider' || n % 50 END] ELSE '{}' END,
    CASE WHEN r5 > 0.9 THEN ARRAY['creator' || n % 500] ELSE '{}' END
FROM (
  SELECT *,
    CASE status WHEN 'queued' THEN filed_at + interval '72 hours'
      WHEN 'claimed' THEN CAST(:at AS timestamptz) + r5 * interval '30 minutes'
      WHEN 'awaiting_answer' THEN CAST(:at AS timestamptz) + r5 * interval '7 days'
      WHEN 'escalated' THEN CAST(:at AS timestamptz) + r5 * interval '72 hours'
      WHEN 'awaiting_approval' THEN CAST(:at AS timestamptz) + r5 * interval '72 hours'
      WHEN 'open' THEN filed_at + interval '40 days' END AS deadline_at,
    CASE WHEN r6 < 0.0002 THEN 'ay' WHEN r6 < 0.05 THEN 'en' WHEN r6 < 0.1 THEN 'en-US' WHEN r6 < 0.11 THEN 'und'
      ELSE lower(region) END AS language
  FROM (
    SELECT *,
      CASE WHEN status IN ('queued', 'claimed') THEN CAST(:at AS timestamptz) - interval '73 hours' * r4
        WHEN status IN ('awaiting_answer', 'escalated', 'awaiting_approval', 'held')
          THEN CAST(:at AS timestamptz) - interval '10 days' * r4
        ELSE CAST(:at AS timestamptz) - interval '40 days' * r4 END AS filed_at,
      CASE WHEN status IN ('held') OR (status IN ('queued', 'claimed', 'escalated') AND r8 < 0.1) THEN 'appeal'
        ELSE 'report' END AS kind
    FROM (
      SELECT n, (random() * 4998)::int AS agency, random() < 0.5 AS platform, r4, r5, r6, r8,
        CASE WHEN r1 < 0.40 THEN 'VN' WHEN r1 < 0.65 THEN 'ID' WHEN r1 < 0.80 THEN 'BR' WHEN r1 < 0.90 THEN 'US'
          WHEN r1 < 0.95 THEN 'DE' WHEN r1 < 0.98 THEN 'FR' WHEN r1 < 0.9995 THEN 'GB' ELSE 'IS' END AS region,
        CASE WHEN r2 < 0.45 THEN 'queued' WHEN r2 < 0.48 THEN 'claimed' WHEN r2 < 0.56 THEN 'awaiting_answer'
          WHEN r2 < 0.60 THEN 'escalated' WHEN r2 < 0.604 THEN 'awaiting_approval' WHEN r2 < 0.92 THEN 'open'
          WHEN r2 < 0.99 THEN 'under_appeal' ELSE 'held' END AS status,
        CASE WHEN r3 < 0.0001 THEN 'content.minor_safety' WHEN r3 < 0.005 THEN 'agency.other'
          WHEN r3 < 0.02 THEN 'agency.creator_management' WHEN r3 < 0.07 THEN 'agency.multi_account'
          WHEN r3 < 0.20 THEN 'content.misleading' WHEN r3 < 0.45 THEN 'content.gambling'
          WHEN r3 < 0.70 THEN 'agency.poaching' ELSE 'content.vulgar' END AS clause,
        CASE WHEN r7 < 0.60 THEN NULL WHEN r7 < 0.85 THEN 'mild' WHEN r7 < 0.99 THEN 'moderate'
          ELSE 'severe' END AS severity
      FROM (SELECT n, random() r1, random() r2, random() r3, random() r4, random() r5, random() r6, random() r7,
              random() r8
            FROM generate_series(CAST(:first AS int), :count) n) dice
    ) drawn
  ) filed
) made
"""
_PEOPLE = """
INSERT INTO subjects SELECT 'agency' || n, 'agency', 'VN' FROM generate_series(0, 4999) n;
INSERT INTO agencies SELECT 'agency' || n FROM generate_series(0, 4999) n;
INSERT INTO people (id, role, agency) SELECT 'owner' || n, 'owner', 'agency' || n FROM generate_series(0, 4999) n;
INSERT INTO people (id, role) VALUES ('platform', 'platform'), ('mod', 'moderator');
INSERT INTO people (id, role, regions, languages) VALUES ('all', 'senior_moderator',
    '{VN,ID,BR,US,DE,FR,GB,IS}', '{en,vn,id,br,us,de,fr,gb,is}');
INSERT INTO texts VALUES ('text', encode(sha256('text'), 'hex'), 'text');
"""


def fill(connection: Connection, count: int, *, first: int = 1, at: datetime = AT) -> None:
    """Write the open cases from the `first` to the last of `count`, as they stand `at` a moment.

    Also into the tables of an older checkout.

    Their foreign keys go, as appeals have no report here, and so does what an older table required; other constraints
    hold.
    """
    connection.execute(sa.text("SET LOCAL statement_timeout = 0"))
    its = sa.inspect(connection)
    for key in its.get_foreign_keys("cases"):
        connection.execute(sa.text(f"ALTER TABLE cases DROP CONSTRAINT {key['name']}"))
    connection.execute(sa.text("ALTER TABLE cases ALTER review_due_at DROP NOT NULL"))
    connection.execute(sa.text("SELECT setseed(0.42)"))
    for statement in filter(None, map(str.strip, _PEOPLE.split(";"))):
        connection.execute(sa.text(f"{statement} ON CONFLICT DO NOTHING"))
    values = {"first": first, "count": count, "at": at, "rulebook": LIVE}
    rulebook = "INSERT INTO rulebooks VALUES (:rulebook, 'live', '1', :at, '{}') ON CONFLICT DO NOTHING"
    connection.execute(sa.text(rulebook), values)
    has = {column["name"] for column in its.get_columns("cases")}
    names = _COLUMNS.split()
    known = ", ".join(name for name in names if name in has)
    every = f"({_CASES}) crowd ({', '.join(names)})"
    connection.execute(sa.text(f"INSERT INTO cases ({known}) SELECT {known} FROM {every}"), values)
