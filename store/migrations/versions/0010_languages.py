"""The languages of open cases and of staff in the case of RFC 5646; the new rows' digests are a record of their own."""

import sqlalchemy as sa
from alembic import op

from rulebook.tag import normal
from store import journal, seal
from store.schema.cases import cases
from store.schema.parties import people

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    connection = op.get_bind()
    at = connection.execute(sa.text("SELECT now()")).scalar_one()
    # Closed cases are final, and no list of open ones has them.
    said = connection.execute(sa.text("SELECT DISTINCT language FROM cases WHERE outcome IS NULL AND language <> ''"))
    staff = connection.execute(sa.text("SELECT id, languages FROM people WHERE languages IS NOT NULL"))
    with journal.recording(connection, "migration", at, through=None):
        for tag in said.scalars().all():
            if tag != normal(tag):
                change = "UPDATE cases SET language = :new WHERE language = :tag AND outcome IS NULL RETURNING *"
                _write(connection, cases, change, new=normal(tag), tag=tag)
        for person, tags in staff.all():
            if (new := list(dict.fromkeys(map(normal, tags)))) != tags:
                change = "UPDATE people SET languages = :new WHERE id = :person RETURNING *"
                _write(connection, people, change, new=new, person=person)


def _write(connection: sa.Connection, table: sa.Table, change: str, **values: object) -> None:
    """Change rows, and note their digests; columns that later migrations add are not there yet, and so are empty."""
    rows = connection.execute(sa.text(change), values).mappings().all()
    seal.note(connection, table, [{column.name: row.get(column.name) for column in table.c} for row in rows])
