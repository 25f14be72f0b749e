"""Signed checkpoints and the leaves under them: they only grow, and the desk's readers read none of them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "checkpoints",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("root", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("reaches", sa.BigInteger(), nullable=False),
        sa.Column("abandons", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("drawn", sa.BigInteger(), nullable=False),
        sa.Column("horizon", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_checkpoints")),
        sa.UniqueConstraint("hash", name=op.f("uq_checkpoints_hash")),
    )
    op.create_table(
        "checkpoint_leaves",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("checkpoint", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('case', 'topic', 'row')", name=op.f("ck_checkpoint_leaves_kind_known")),
        sa.ForeignKeyConstraint(["checkpoint"], ["checkpoints.number"], name=op.f("fk_checkpoint_leaves_checkpoint")),
        sa.PrimaryKeyConstraint("kind", "name", "version", name=op.f("pk_checkpoint_leaves")),
    )
    op.create_index("ix_checkpoint_leaves_checkpoint", "checkpoint_leaves", ["checkpoint", "kind", "name"])
    for table in ("checkpoints", "checkpoint_leaves"):
        op.execute(
            f"CREATE TRIGGER grows BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION only_grows()"
        )
        op.execute(f"CREATE TRIGGER kept BEFORE TRUNCATE ON {table} EXECUTE FUNCTION only_grows()")
