"""What is somebody's own at the desk: what they have begun to write, and until when they have read their notices."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from states.terms import Kind
from store.schema.metadata import Instant, metadata, one_of

# A report or an appeal that was begun and not filed. `key` is the one under which it will be filed, so that it is filed
# once; `words` what was written, by field, as JSON encrypted by the person's key; `files` the ids of uploads.
drafts = sa.Table(
    "drafts",
    metadata,
    sa.Column("person", sa.Text, sa.ForeignKey("people.id"), primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("files", ARRAY(sa.Text), nullable=False),
    sa.Column("at", Instant, nullable=False),
    one_of("kind", Kind),
    sa.CheckConstraint("length(key) BETWEEN 1 AND 200", name="key_bounded"),
    sa.CheckConstraint("octet_length(words) <= 262144", name="words_bounded"),
    sa.CheckConstraint("cardinality(files) <= 10", name="files_bounded"),
    sa.Index("ix_drafts_at", "at"),
)

# The time of the newest notice that a person was shown.
notices_read = sa.Table(
    "notices_read",
    metadata,
    sa.Column("person", sa.Text, sa.ForeignKey("people.id"), primary_key=True),
    sa.Column("up_to", Instant, nullable=False),
)
