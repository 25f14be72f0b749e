"""Accounts and keys are sealed from here on; the digests of those that are there are a record of their own."""

import sqlalchemy as sa
from alembic import op

from store import journal, seal
from store.schema.identity import accounts, api_keys

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    connection = op.get_bind()
    at = connection.execute(sa.text("SELECT now()")).scalar_one()
    with journal.recording(connection, "migration", at):
        for table in (accounts, api_keys):
            rows = connection.execute(sa.text(f"SELECT * FROM {table.name}")).mappings().all()
            # Columns that later migrations add are not there yet, and so are empty.
            seal.note(connection, table, [{column.name: row.get(column.name) for column in table.c} for row in rows])
