"""What did ops mend, and when did they read messages in Temporal? A row each, written before; it only grows."""

import sqlalchemy as sa

from store.schema.metadata import Instant, metadata

# `person` is who did it, also whoever runs the engine, whom nobody fed; `whose` and `name` say what was mended.
# Of messages that were read, `whose` is `messages`, and `name` the namespace.
repairs = sa.Table(
    "repairs",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("whose", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("repair", sa.Text, nullable=False),
)
