"""What may the login of desk and worker do with which table? It owns nothing, so it may do what is granted here.

What only grows takes new rows and keeps those it has. Rows of other tables are changed, and deleted only where the
product deletes some. Whoever owns the tables may do all with them: that login is for migrations alone (docs/trust.md).
A change of this table comes with a migration: grants are made after one, and where there are none.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, Table, event

from store.schema import metadata
from store.schema.cases import texts
from store.schema.checkpoints import checkpoints, leaves
from store.schema.commands import answers
from store.schema.evidence import evidence
from store.schema.identity import accounts, preferences, sessions
from store.schema.journal import incidents, journal, journal_number, notices, records
from store.schema.own import drafts, notices_read
from store.schema.privacy import privacy_orders
from store.schema.repairs import repairs
from store.schema.rulebooks import forecasts, rulebooks, version_moves
from store.schema.scores import ledger

ROLE = "casework_house"
GROW = (journal, records, ledger, checkpoints, leaves, notices, incidents, answers, privacy_orders, repairs, rulebooks,
        version_moves, forecasts)  # fmt: skip
# Drafts, uploads and words that no case has, logins, and what is somebody's own at the desk.
GO = (accounts, drafts, evidence, notices_read, preferences, sessions, texts)
_THERE = sa.text("SELECT to_regrole(:role) IS NOT NULL")
_MADE = sa.text("""
    SELECT to_regrole(:role) IS NULL OR has_table_privilege(to_regrole(:role), 'checkpoints', 'INSERT')
""")
_FIRST = (
    f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {ROLE}",
    f"GRANT USAGE ON SCHEMA public TO {ROLE}",
    f"GRANT SELECT ON alembic_version TO {ROLE}",
    f"GRANT USAGE, SELECT ON SEQUENCE {journal_number.name} TO {ROLE}",
    f"GRANT EXECUTE ON FUNCTION words(text[]) TO {ROLE}",
)
# Which rows the desk's readers see is chosen by the role that a reader puts on (`store/row_security.py`).
_WITHOUT = sa.text("""
    SELECT c.relname FROM pg_class c WHERE c.relnamespace = to_regnamespace('public') AND c.relrowsecurity
    AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'house')
""")


def rights(table: Table) -> tuple[str, ...]:
    """What the login may do with the rows of a table."""
    changes = () if table in GROW else ("UPDATE", "DELETE") if table in GO else ("UPDATE",)
    return ("SELECT", "INSERT", *changes)


def put_on(engine: Engine) -> None:
    """Have an owner's engine do no more than desk and worker may; the owner must be allowed to put the role on."""

    @event.listens_for(engine, "connect")
    def _(connection: Any, _: object) -> None:
        connection.execute(f"SET ROLE {ROLE}")
        connection.commit()


def made(connection: Connection) -> bool:
    """Whether the role has its grants, or there is no such role."""
    return bool(connection.scalar(_MADE, {"role": ROLE}))


def grant(connection: Connection) -> None:
    """Give the role what it may do and take what it may not, as whoever owns the tables; without the role, nothing."""
    if not connection.scalar(_THERE, {"role": ROLE}):
        return
    of_tables = [f"GRANT {', '.join(rights(table))} ON {table.name} TO {ROLE}" for table in metadata.sorted_tables]
    policy = "CREATE POLICY house ON {} TO " + ROLE + " USING (true) WITH CHECK (true)"
    policies = [policy.format(name) for name in connection.scalars(_WITHOUT)]
    for statement in (*_FIRST, *of_tables, *policies):
        connection.execute(sa.text(statement))
