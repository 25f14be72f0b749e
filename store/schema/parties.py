"""Who is there? Agencies, their people, creators and who manages them since when (`docs/domain.md` §1)."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from rulebook.terms import CreatorClass, SubjectKind
from states.terms import Role
from store.schema.metadata import ADDED_LATER, REPEATS, Instant, metadata, one_of

# The first 32 bits of the name's MD5: the same in every version of PostgreSQL, which `hashtext` need not be.
PLACE = "('x' || left(md5(id), 8))::bit(32)::bigint"

# What a score belongs to. Its row is the lock for whatever changes that score.
subjects = sa.Table(
    "subjects",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("region", sa.Text, nullable=False),
    # Where it stands on the ring that a version's wave goes round (`store/timeline.py`).
    sa.Column("place", sa.BigInteger, sa.Computed(PLACE, persisted=True), nullable=False, info=REPEATS),
    one_of("kind", SubjectKind),
    sa.Index("ix_subjects_place", "region", "place", "id"),
)

agencies = sa.Table(
    "agencies",
    metadata,
    sa.Column("id", sa.Text, sa.ForeignKey("subjects.id"), primary_key=True),
)

people = sa.Table(
    "people",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("agency", sa.Text, sa.ForeignKey("agencies.id")),
    sa.Column("regions", ARRAY(sa.Text), nullable=False, server_default="{}"),
    sa.Column("languages", ARRAY(sa.Text), info=ADDED_LATER),
    # Since when they have this role and agency, where they had others before or had left; and since when they are gone.
    sa.Column("since", Instant, info=ADDED_LATER),
    sa.Column("ended_at", Instant, info=ADDED_LATER),
    one_of("role", Role),
    sa.CheckConstraint("(agency IS NOT NULL) = (role IN ('owner', 'team_lead', 'agent'))", name="agency_people"),
    sa.Index("ix_people_agency", "agency"),
    sa.Index("ix_people_reviewers", "id", postgresql_where=sa.text("role IN ('moderator', 'senior_moderator')")),
)

# The seats that a person had: role and agency, since when; and when they left, if they had none for a time after it.
# Of somebody who never changed there is none.
seats = sa.Table(
    "seats",
    metadata,
    sa.Column("person", sa.Text, sa.ForeignKey("people.id"), primary_key=True),
    sa.Column("since", Instant, primary_key=True),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("agency", sa.Text, sa.ForeignKey("agencies.id")),
    sa.Column("ended_at", Instant, info=ADDED_LATER),
    one_of("role", Role),
    sa.CheckConstraint("(agency IS NOT NULL) = (role IN ('owner', 'team_lead', 'agent'))", name="agency_people"),
)

creators = sa.Table(
    "creators",
    metadata,
    sa.Column("id", sa.Text, sa.ForeignKey("subjects.id"), primary_key=True),
)

# What a creator's price depends on, since when (ruling 9).
profiles = sa.Table(
    "profiles",
    metadata,
    sa.Column("creator", sa.Text, sa.ForeignKey("creators.id"), primary_key=True),
    sa.Column("since", Instant, primary_key=True),
    sa.Column("class", sa.Text, nullable=False),
    sa.Column("level", sa.SmallInteger, nullable=False),
    sa.Column("followers", sa.BigInteger, nullable=False),
    sa.Column("average_viewers", sa.BigInteger, nullable=False),
    one_of("class", CreatorClass),
    sa.CheckConstraint("level BETWEEN 1 AND 3", name="level_known"),
    sa.CheckConstraint("followers >= 0 AND average_viewers >= 0", name="audience_counts"),
)

# Who manages a creator, since when; without an agency: nobody (ruling 12).
managements = sa.Table(
    "managements",
    metadata,
    sa.Column("creator", sa.Text, sa.ForeignKey("creators.id"), primary_key=True),
    sa.Column("since", Instant, primary_key=True),
    sa.Column("agency", sa.Text, sa.ForeignKey("agencies.id")),
    sa.Column("agent", sa.Text, sa.ForeignKey("people.id")),
    sa.CheckConstraint("agent IS NULL OR agency IS NOT NULL", name="agent_of_agency"),
    sa.Index("ix_managements_agent", "agent"),
    sa.Index("ix_managements_agency", "agency"),
)

# Hours streamed on a local day of the creator's region (`docs/domain.md` §3.4).
streaming_days = sa.Table(
    "streaming_days",
    metadata,
    sa.Column("creator", sa.Text, sa.ForeignKey("creators.id"), primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("hours", sa.Numeric(4, 2), nullable=False),
    sa.CheckConstraint("hours BETWEEN 0 AND 24", name="hours_of_a_day"),
)
