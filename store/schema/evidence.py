"""Which files prove what people say? A row each; the bytes lie beside the database, encrypted, named by their hash."""

from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from states.terms import Side
from store.schema.metadata import ADDED_LATER, Instant, metadata, one_of


class FileKind(StrEnum):
    """What a file of evidence is: its media type."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"
    GIF = "image/gif"
    AVIF = "image/avif"
    MP4 = "video/mp4"
    MOV = "video/quicktime"
    WEBM = "video/webm"
    PDF = "application/pdf"


# A file, from its upload on. Until a command refers to it no case has it and no chain seals it: it means nothing, and
# goes after a day, unless a draft names it. Then it has the case, the side that brought it and the version of the
# case's line that says so.
evidence = sa.Table(
    "evidence",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    # Of the stored bytes, which are encrypted, in hex; and how many bytes were brought.
    sa.Column("hash", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    # Encrypted by the file's key, as its bytes are.
    sa.Column("name", sa.Text, nullable=False),
    # Who uploaded it, of which agency then, and when.
    sa.Column("brought_by", sa.Text, sa.ForeignKey("people.id"), nullable=False),
    sa.Column("agency", sa.Text, sa.ForeignKey("agencies.id")),
    sa.Column("at", Instant, nullable=False),
    sa.Column("case", sa.Text, sa.ForeignKey("cases.id", deferrable=True, initially="DEFERRED")),
    sa.Column("side", sa.Text),
    sa.Column("version", sa.Integer),
    # Its place among the files that the line brought, from 1.
    sa.Column("place", sa.Integer, info=ADDED_LATER),
    # The names of the keys that wrap the file's key, the innermost first, and what they made of it; without names it is
    # of an older release, which encrypted nothing, and without a key it is erased.
    sa.Column("wrapped_by", ARRAY(sa.Text), info=ADDED_LATER),
    sa.Column("wrapped", sa.Text, info=ADDED_LATER),
    one_of("kind", FileKind),
    one_of("side", Side),
    sa.CheckConstraint("hash ~ '^[0-9a-f]{64}$'", name="hash_form"),
    sa.CheckConstraint("size > 0", name="size_counts"),
    sa.CheckConstraint("name <> ''", name="named"),
    sa.CheckConstraint('num_nulls("case", side, version) IN (0, 3)', name="of_a_side"),
    sa.Index("ix_evidence_case", "case", "version", postgresql_where=sa.text('"case" IS NOT NULL')),
    sa.Index("ix_evidence_at", "at", postgresql_where=sa.text('"case" IS NULL')),
    sa.Index("ix_evidence_hash", "hash"),
    sa.Index("ix_evidence_plain", "id", postgresql_where=sa.text("wrapped_by IS NULL")),
    sa.Index("ix_evidence_brought_by", "brought_by", "at"),
)
