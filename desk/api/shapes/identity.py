"""Logins, sessions, preferences and API keys."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr, WithJsonSchema
from pydantic.types import StringConstraints
from pydantic_core import PydanticCustomError

from activities.entered import Name
from desk.api.shapes.words import WHOLE, Asked, Instant, Shown
from desk.identity.accounts import LONGEST
from desk.identity.caller import Scope, Via
from desk.identity.keys import LABEL, MOST_DAYS, USUAL_DAYS
from rulebook.zones import zones
from states.terms import Role

Password = Annotated[SecretStr, Field(min_length=1, max_length=LONGEST, examples=["correct horse battery"])]
Code = Annotated[str, StringConstraints(strict=True, pattern=r"^[0-9]{6}$"), Field(examples=["492039"])]
Label = Annotated[str, StringConstraints(strict=True, pattern=LABEL)]


class Login(Asked):
    """A person of a local account; `code` is that of the second factor, it can also be shown later."""

    person: Name = Field(examples=["mia"])
    password: Password
    code: Code | None = None


class Proof(Asked):
    """The second factor's code; or the password of somebody who has no second factor."""

    code: Code | None = None
    password: Password | None = None


class Session(Shown):
    """Who you are, and how that is known. `csrf_token` goes with every change that a browser's session makes."""

    person: str = Field(examples=["mia"])
    role: Role
    agency: str | None
    via: Via
    scopes: list[Scope] | None = Field(description="Those of a key; none where you may do all that is yours.")
    second_factor: Literal["shown", "needed", "none"] = Field(
        description="`needed`: show it before you go on; `none`: you have none, and need none."
    )
    csrf_token: str | None = Field(description="Of a browser's session: send it as `X-CSRF-Token`.")
    ends_at: Instant | None = Field(description="Of a browser's session: it ends then at the latest.")


_ZONES = {"type": "string", "enum": sorted(zones())}


def _zone(value: str) -> str:
    if value not in zones():
        raise PydanticCustomError("zone", "no zone")
    return value


class Preferences(Asked):
    """In which language the engine speaks to you, and in which time zone (of the IANA database) it tells times."""

    language: Literal["en", "vi", "zh"] | None = None
    zone: Annotated[str, AfterValidator(_zone), WithJsonSchema(_ZONES)] | None = Field(
        default=None, examples=["Asia/Ho_Chi_Minh"]
    )


class KeyAsked(Asked):
    """A key for a system, which acts as `person` (default: you)."""

    label: Label = Field(examples=["reporting robot"])
    person: Name | None = None
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=len(Scope))] = Field(examples=[["read", "write"]])
    expires_in_days: Annotated[int, Field(strict=True, ge=1, le=MOST_DAYS), WHOLE] = USUAL_DAYS


class Key(Shown):
    """A key, without its secret."""

    id: str = Field(examples=["4f1c9a0be2d37758"])
    person: str
    label: str
    scopes: list[Scope]
    created_at: Instant
    created_by: str
    expires_at: Instant
    revoked_at: Instant | None


class Keys(Shown):
    keys: list[Key]
    next: str | None = Field(description="Give it as `cursor` for the next page.")


class NewKey(Key):
    """A key that was just made: `secret` is the whole of it, shown now and never again."""

    secret: str | None = Field(examples=["cw_4f1c9a0be2d37758_…"])
