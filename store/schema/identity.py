"""Local accounts, keys of systems, browser sessions, and how people chose to read."""

from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from store.schema.metadata import Instant, metadata, one_of


class Theme(StrEnum):
    """The console's colours, where somebody does not leave them to their device."""

    LIGHT = "light"
    DARK = "dark"


# A person's own password and second factor, where no identity provider vouches for them. `demo` marks the demo cast's,
# whose password everybody knows: only a demo lets them in.
accounts = sa.Table(
    "accounts",
    metadata,
    sa.Column("person", sa.Text, sa.ForeignKey("people.id"), primary_key=True),
    sa.Column("password", sa.Text, nullable=False),  # argon2id's own encoding
    sa.Column("totp_secret", sa.Text),
    sa.Column("totp_step", sa.BigInteger),  # the last step that was used: a code is good once
    sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
    sa.Column("locked_until", Instant),
    sa.Column("demo", sa.Boolean, nullable=False, server_default="false"),
    sa.CheckConstraint("left(password, 10) = '$argon2id$'", name="argon2id"),
    sa.CheckConstraint("failures >= 0", name="failures_count"),
)

# A system's key acts as a person. Of the secret only the SHA-256 is kept; the id is its public half.
api_keys = sa.Table(
    "api_keys",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("person", sa.Text, sa.ForeignKey("people.id"), nullable=False),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("secret_hash", sa.Text, nullable=False),
    sa.Column("scopes", ARRAY(sa.Text), nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("created_by", sa.Text, sa.ForeignKey("people.id"), nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
    sa.Column("revoked_at", Instant),
    sa.CheckConstraint("secret_hash ~ '^[0-9a-f]{64}$'", name="hash_form"),
    sa.CheckConstraint("expires_at > created_at", name="expires_after_creation"),
    sa.Index("ix_api_keys_person", "person"),
)

# A browser's session; the cookie holds the token, the row only its SHA-256.
sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("token_hash", sa.Text, primary_key=True),
    sa.Column("person", sa.Text, sa.ForeignKey("people.id"), nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("seen_at", Instant, nullable=False),
    sa.Column("ends_at", Instant, nullable=False),
    sa.Column("second_factor_at", Instant),
    sa.CheckConstraint("token_hash ~ '^[0-9a-f]{64}$'", name="hash_form"),
    sa.CheckConstraint("ends_at > created_at", name="ends_after_creation"),
    sa.Index("ix_sessions_person", "person"),
)

# How a person chose to read: a language's tag, a time zone of the IANA database; and for the console a theme, whether
# single keys act, and whether evidence is shown blurred, grey and mute until they say otherwise.
preferences = sa.Table(
    "preferences",
    metadata,
    sa.Column("person", sa.Text, sa.ForeignKey("people.id"), primary_key=True),
    sa.Column("language", sa.Text),
    sa.Column("zone", sa.Text),
    sa.Column("theme", sa.Text),
    *(
        sa.Column(name, sa.Boolean, nullable=False, server_default=sa.true())
        for name in ("keys", "blur", "grey", "mute")
    ),
    one_of("theme", Theme),
)
