"""A rulebook's versions have a life: where each stands, from when it is in force in a region, and its moves."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_STATUSES = (
    "'new', 'draft', 'proposed', 'approved', 'rolling_out', 'halted', 'in_force', 'taking_back', 'retired', "
    "'withdrawn', 'taken_back'"
)
_CHAINED = "status IN ('approved', 'halted', 'in_force', 'retired', 'rolling_out', 'taking_back')"
_WAVES = "status IN ('halted', 'rolling_out', 'taking_back')"
_DATED = """
CREATE FUNCTION dated_after_approval() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM versions v JOIN rollouts r ON r.version = v.digest
             WHERE v.digest = CASE TG_TABLE_NAME WHEN 'rollouts' THEN to_jsonb(NEW) ->> 'version'
                                                 ELSE to_jsonb(NEW) ->> 'digest' END
             AND r.in_force_from < v.approved_at) THEN
    RAISE EXCEPTION 'a version is not in force before it was approved' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$
"""


def upgrade() -> None:
    _versions()
    _rollouts()
    _moves()
    op.alter_column("rulebooks", "in_force_from", nullable=True)
    op.drop_constraint("uq_rulebooks_in_force_from", "rulebooks")
    for table in ("rulebooks", "version_moves"):
        op.execute(
            f"CREATE TRIGGER grows BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION only_grows()"
        )
        op.execute(f"CREATE TRIGGER kept BEFORE TRUNCATE ON {table} EXECUTE FUNCTION only_grows()")
    op.execute(_DATED)
    for table in ("versions", "rollouts"):
        op.execute(
            f"CREATE TRIGGER dated AFTER INSERT OR UPDATE ON {table} FOR EACH ROW"
            " EXECUTE FUNCTION dated_after_approval()"
        )
    op.execute("GRANT SELECT ON versions, rollouts, version_moves TO casework_desk, casework_staff")
    place = sa.Computed("('x' || left(md5(id), 8))::bit(32)::bigint", persisted=True)
    op.add_column("subjects", sa.Column("place", sa.BigInteger(), place, nullable=False))
    op.create_index("ix_subjects_place", "subjects", ["region", "place", "id"])


def _versions() -> None:
    op.create_table(
        "versions",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("follows", sa.Text()),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deadline_at", sa.DateTime(timezone=True)),
        sa.Column("stirred", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("author", sa.Text()),
        sa.Column("proposed_by", sa.Text()),
        sa.Column("approved_by", sa.Text()),
        sa.Column("approved_at", sa.DateTime(timezone=True)),
        sa.Column("reason", sa.Text()),
        sa.Column("override", sa.Text()),
        sa.Column("approval_due_at", sa.DateTime(timezone=True)),
        sa.Column("batch_due_at", sa.DateTime(timezone=True)),
        sa.Column("pace", sa.Integer()),
        sa.CheckConstraint(f"status IN ({_STATUSES})", name=op.f("ck_versions_status_known")),
        sa.CheckConstraint(
            "approved_by IS NULL OR approved_by <> coalesce(author, '') AND approved_by <> coalesce(proposed_by, '')",
            name=op.f("ck_versions_approved_by_another"),
        ),
        sa.CheckConstraint(
            f"approved_at IS NOT NULL OR NOT {_CHAINED}", name=op.f("ck_versions_in_the_chain_when_approved")
        ),
        sa.CheckConstraint(
            "proposed_by IS NULL OR approved_at IS NULL OR approved_by IS NOT NULL",
            name=op.f("ck_versions_approved_by_one"),
        ),
        sa.CheckConstraint("pace > 0", name=op.f("ck_versions_pace_counts")),
        sa.ForeignKeyConstraint(["digest"], ["rulebooks.digest"], name=op.f("fk_versions_digest")),
        sa.ForeignKeyConstraint(["follows"], ["versions.digest"], name=op.f("fk_versions_follows")),
        sa.ForeignKeyConstraint(["author"], ["people.id"], name=op.f("fk_versions_author")),
        sa.ForeignKeyConstraint(["proposed_by"], ["people.id"], name=op.f("fk_versions_proposed_by")),
        sa.ForeignKeyConstraint(["approved_by"], ["people.id"], name=op.f("fk_versions_approved_by")),
        sa.ForeignKeyConstraint(["reason"], ["texts.id"], name=op.f("fk_versions_reason")),
        sa.ForeignKeyConstraint(["override"], ["texts.id"], name=op.f("fk_versions_override")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_versions")),
    )
    follows = sa.text("coalesce(follows, '')")
    op.create_index("uq_versions_follows", "versions", [follows], unique=True, postgresql_where=sa.text(_CHAINED))
    one = sa.text("(true)")
    op.create_index("uq_versions_wave", "versions", [one], unique=True, postgresql_where=sa.text(_WAVES))


def _rollouts() -> None:
    op.create_table(
        "rollouts",
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("in_force_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("turn", sa.BigInteger(), nullable=False),
        sa.Column("reached", sa.BigInteger(), nullable=False),
        sa.Column("reached_id", sa.Text(), nullable=False),
        sa.Column("released", sa.BigInteger(), nullable=False),
        sa.Column("released_id", sa.Text(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("hit", sa.Integer(), nullable=False),
        sa.CheckConstraint("reached BETWEEN -1 AND 4294967296", name=op.f("ck_rollouts_reached_on_the_ring")),
        sa.CheckConstraint("released BETWEEN -1 AND 4294967296", name=op.f("ck_rollouts_released_on_the_ring")),
        sa.CheckConstraint("turn BETWEEN 0 AND 4294967295", name=op.f("ck_rollouts_turn_on_the_ring")),
        sa.ForeignKeyConstraint(["version"], ["versions.digest"], name=op.f("fk_rollouts_version")),
        sa.PrimaryKeyConstraint("version", "region", name=op.f("pk_rollouts")),
    )


def _moves() -> None:
    op.create_table(
        "version_moves",
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["version"], ["versions.digest"], name=op.f("fk_version_moves_version")),
        sa.PrimaryKeyConstraint("version", "number", name=op.f("pk_version_moves")),
    )
