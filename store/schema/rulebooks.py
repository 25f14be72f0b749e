"""Which rulebook was in force when, and what happened to each of its versions? (`docs/domain.md` §8)."""

from collections.abc import Set as AbstractSet

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from states.version_terms import CHAINED, WAVES, VersionStatus
from store.schema.metadata import ADDED_LATER, Instant, metadata, one_of


def _in(statuses: AbstractSet[VersionStatus]) -> str:
    return "status IN ({})".format(", ".join(sorted(f"'{status}'" for status in statuses)))


# What a version says. It only grows; `in_force_from` is of versions from before they had a life (`rollouts` has it).
rulebooks = sa.Table(
    "rulebooks",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("version", sa.Text, nullable=False),
    sa.Column("in_force_from", Instant),
    sa.Column("body", JSONB, nullable=False),
    sa.CheckConstraint("digest ~ '^[0-9a-f]{64}$'", name="digest_form"),
)

# Where a version stands. `version` counts its moves; `pace` is how many subjects a second its wave may reach.
versions = sa.Table(
    "versions",
    metadata,
    sa.Column("digest", sa.Text, sa.ForeignKey("rulebooks.digest"), primary_key=True),
    sa.Column("follows", sa.Text, sa.ForeignKey("versions.digest")),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("moved_at", Instant, nullable=False),
    sa.Column("deadline_at", Instant),
    sa.Column("stirred", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("author", sa.Text, sa.ForeignKey("people.id")),
    sa.Column("proposed_by", sa.Text, sa.ForeignKey("people.id")),
    sa.Column("approved_by", sa.Text, sa.ForeignKey("people.id")),
    sa.Column("approved_at", Instant),
    sa.Column("reason", sa.Text, sa.ForeignKey("texts.id")),
    sa.Column("override", sa.Text, sa.ForeignKey("texts.id")),
    sa.Column("approval_due_at", Instant),
    sa.Column("batch_due_at", Instant),
    sa.Column("pace", sa.Integer),
    one_of("status", VersionStatus),
    sa.CheckConstraint(
        "approved_by IS NULL OR approved_by <> coalesce(author, '') AND approved_by <> coalesce(proposed_by, '')",
        name="approved_by_another",
    ),
    sa.CheckConstraint(f"approved_at IS NOT NULL OR NOT {_in(CHAINED)}", name="in_the_chain_when_approved"),
    sa.CheckConstraint("proposed_by IS NULL OR approved_at IS NULL OR approved_by IS NOT NULL", name="approved_by_one"),
    sa.CheckConstraint("pace > 0", name="pace_counts"),
    sa.Index(
        "uq_versions_follows",
        sa.text("coalesce(follows, '')"),
        unique=True,
        postgresql_where=sa.text(_in(CHAINED)),
    ),
    sa.Index(
        "uq_versions_wave",
        sa.text("(true)"),
        unique=True,
        postgresql_where=sa.text(_in(WAVES)),
    ),
)

# From when a version is in force in a region, and how far its wave has come there. Subjects stand on a ring by their
# `place`; the wave goes round it from `turn`. It has reached those up to (`reached`, `reached_id`), and of a version
# that is taken back it has released those up to (`released`, `released_id`): see `store/timeline.py`.
rollouts = sa.Table(
    "rollouts",
    metadata,
    sa.Column("version", sa.Text, sa.ForeignKey("versions.digest"), primary_key=True),
    sa.Column("region", sa.Text, primary_key=True),
    sa.Column("in_force_from", Instant, nullable=False),
    sa.Column("turn", sa.BigInteger, nullable=False),
    sa.Column("reached", sa.BigInteger, nullable=False),
    sa.Column("reached_id", sa.Text, nullable=False),
    sa.Column("released", sa.BigInteger, nullable=False),
    sa.Column("released_id", sa.Text, nullable=False),
    sa.Column("seen", sa.Integer, nullable=False),
    sa.Column("hit", sa.Integer, nullable=False),
    # How far it had come when a year ended, where it went on after that: {"2026": [place, id]}.
    sa.Column("stood", JSONB(none_as_null=True), info=ADDED_LATER),
    sa.CheckConstraint("reached BETWEEN -1 AND 4294967296", name="reached_on_the_ring"),
    sa.CheckConstraint("released BETWEEN -1 AND 4294967296", name="released_on_the_ring"),
    sa.CheckConstraint("turn BETWEEN 0 AND 4294967295", name="turn_on_the_ring"),
)

# One line a move of a version.
version_moves = sa.Table(
    "version_moves",
    metadata,
    sa.Column("version", sa.Text, sa.ForeignKey("versions.digest"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("facts", JSONB, nullable=False),
)

# Whom a proposed version would hit, as it was when the move `number` proposed it. It only grows.
forecasts = sa.Table(
    "forecasts",
    metadata,
    sa.Column("version", sa.Text, sa.ForeignKey("versions.digest"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("seen", sa.Integer, nullable=False),
    sa.Column("hit", sa.Integer, nullable=False),
    sa.Column("most_hit", sa.Integer, nullable=False),
    sa.Column("figures", JSONB, nullable=False),
    sa.Column("subjects", JSONB, nullable=False),
    sa.CheckConstraint("hit BETWEEN 0 AND seen AND most_hit >= hit", name="hit_counts"),
)
