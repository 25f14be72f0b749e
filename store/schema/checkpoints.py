"""What was vouched for outside the database, and when? Signed checkpoints, and what is under each."""

from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from store.schema.metadata import Instant, metadata, one_of


class Kind(StrEnum):
    """What a leaf is of: a case's journal, a topic's records, or the row of a subject, person, account or key."""

    CASE = "case"
    TOPIC = "topic"
    ROW = "row"


# One a minute in which something changed; what is signed stands before `hash`. Every line of journal and records up to
# the number `reaches` is under this checkpoint or an earlier one. `abandons` has hashes of checkpoints that were made
# before a backup was restored, and are lost. `drawn` and `horizon` say from which line later ones read.
checkpoints = sa.Table(
    "checkpoints",
    metadata,
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("previous", sa.Text, nullable=False),
    sa.Column("root", sa.Text, nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("reaches", sa.BigInteger, nullable=False),
    sa.Column("abandons", ARRAY(sa.Text), nullable=False, server_default="{}"),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False, unique=True),
    sa.Column("signature", sa.Text, nullable=False),
    sa.Column("drawn", sa.BigInteger, nullable=False),
    sa.Column("horizon", sa.BigInteger, nullable=False),
)

# A leaf of a checkpoint's tree: the newest version of a chain or a row then, and its hash. A case's version is its own,
# a topic's the number of its last record, a row's the number of the line that has its digest.
leaves = sa.Table(
    "checkpoint_leaves",
    metadata,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("version", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Column("checkpoint", sa.BigInteger, sa.ForeignKey("checkpoints.number"), nullable=False),
    one_of("kind", Kind),
    sa.Index("ix_checkpoint_leaves_checkpoint", "checkpoint", "kind", "name"),
)
