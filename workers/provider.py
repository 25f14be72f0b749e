"""An identity provider whose tokens are accepted: one entry of CASEWORK_OIDC."""

import re
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    TypeAdapter,
    model_validator,
)
from pydantic_settings import NoDecode

from states.terms import PARTIES, Role

_LISTED: TypeAdapter[Any] = TypeAdapter(list[Any])
Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
_SAFE = r"^(https://[^/\s]|http://(localhost|127\.0\.0\.1|\[::1\])[:/])"


class Provider(BaseModel):
    """`roles`: whom its tokens may name; unsaid: agencies' people and creators, never staff or the platform.

    `second_factor`: the values of `amr` or `acr` that prove one. `client_id`: as which client people log in to the
    console there, with its `client_secret` where it has one; `name` is how the console calls the provider.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    issuer: str = Field(min_length=1)
    audience: str = Field(min_length=1)
    jwks_url: str = Field(pattern=_SAFE)
    algorithm: Algorithm
    roles: frozenset[Role] = PARTIES
    second_factor: frozenset[str] = frozenset({"mfa"})
    client_id: str | None = Field(default=None, min_length=1)
    client_secret: SecretStr | None = Field(default=None, min_length=1)
    name: str | None = Field(default=None, min_length=1, max_length=60)

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.client_id is None and (self.client_secret is not None or self.name is not None):
            raise ValueError("client_secret and name are of a client: set client_id")
        if self.client_id is not None and not re.match(_SAFE, f"{self.issuer}/"):
            raise ValueError("people log in at an issuer whose address is https")
        return self


def _read(text: Any) -> Any:
    """The list that the text is JSON of; an error never repeats the text."""
    if not isinstance(text, str):
        return text
    try:
        return _LISTED.validate_json(text)
    except ValueError:
        raise ValueError("it is a list of providers in JSON") from None


def _distinct(providers: tuple[Provider, ...]) -> tuple[Provider, ...]:
    if len({each.issuer for each in providers}) < len(providers):
        raise ValueError("each issuer stands in it once")
    return providers


Providers = Annotated[tuple[Provider, ...], NoDecode, BeforeValidator(_read), AfterValidator(_distinct)]
