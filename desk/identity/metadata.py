"""What a provider says of itself: its discovery document (OpenID Connect Discovery 1.0, RFC 8414, RFC 9207)."""

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict

from desk.identity.fetched import Fetched, encrypted

_Address = Annotated[str, AfterValidator(encrypted)]


class Metadata(BaseModel):
    """What a login needs of the document; its keys are not looked at: the settings say where these are."""

    model_config = ConfigDict(frozen=True)

    issuer: str
    authorization_endpoint: _Address
    token_endpoint: _Address
    end_session_endpoint: _Address | None = None
    token_endpoint_auth_methods_supported: frozenset[str] = frozenset({"client_secret_basic"})
    authorization_response_iss_parameter_supported: bool = False
    acr_values_supported: frozenset[str] = frozenset()


def metadata_at(issuer: str) -> Fetched[Metadata]:
    """The document of an issuer.

    Raises:
        ValueError: the issuer's address is not encrypted, nor on this machine.
    """
    return Fetched(f"{issuer.rstrip('/')}/.well-known/openid-configuration", _of(issuer))


def _of(issuer: str) -> Callable[[Any], Metadata]:
    def read(document: Any) -> Metadata:
        found = Metadata.model_validate(document)
        if found.issuer != issuer:
            raise ValueError("it is another issuer's")
        return found

    return read
