"""The caller of a request: a person, by which proof, and when a second factor was last shown."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from states.situation import Actor
from states.terms import STAFF

# The roles that must show a second factor.
SECOND_FACTOR = STAFF


class Scope(StrEnum):
    """What a system's key may be used for. `staff`: together with `feed`, to feed moderators and other staff."""

    READ = "read"
    WRITE = "write"
    FEED = "feed"
    WEBHOOKS = "webhooks"
    STAFF = "staff"


class Via(StrEnum):
    """How the caller proved who it is."""

    TOKEN = "token"  # noqa: S105  # a word, no secret
    API_KEY = "api_key"
    SESSION = "session"


@dataclass(frozen=True)
class Caller:
    """A person who calls. `scopes` are those of a key; None is no limit beside the person's own rights.

    `second_factor_at` is when a second factor was last shown (UTC); `session` the hash of a browser's session token.
    `logged_in_at` is when the person logged in at their provider (UTC), where its token says so (`auth_time`).
    `key` is the id of an API key.
    """

    actor: Actor
    via: Via
    scopes: frozenset[Scope] | None = None
    second_factor_at: datetime | None = None
    session: str | None = None
    logged_in_at: datetime | None = None
    key: str | None = None

    @property
    def through(self) -> str:
        """Through what the caller came, as the journal says it: `session`, `token`, or `key/` and the key's id."""
        return f"key/{self.key}" if self.via is Via.API_KEY else self.via.value
