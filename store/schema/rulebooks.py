"""Which rulebook was in force when? Versions are immutable (`docs/domain.md` §8)."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from store.schema.metadata import Instant, metadata

rulebooks = sa.Table(
    "rulebooks",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("version", sa.Text, nullable=False),
    sa.Column("in_force_from", Instant, nullable=False, unique=True),
    sa.Column("body", JSONB, nullable=False),
    sa.CheckConstraint("digest ~ '^[0-9a-f]{64}$'", name="digest_form"),
)
