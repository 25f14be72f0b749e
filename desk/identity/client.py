"""Casework as a client of a provider: people log in there by the authorization code flow with PKCE (RFC 6749, 7636)."""

import hashlib
import logging
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus, urlencode

import httpx

from desk.identity.errand import Errand
from desk.identity.fetched import Fetched, answered
from desk.identity.metadata import Metadata
from desk.identity.oidc import Issuer
from desk.identity.sessions import LONGEST
from desk.identity.unproven import UnprovenError
from desk.refusal import ProblemError
from states.terms import Code

# Whoever logged in at the provider so long ago does so again; asked for it, the provider says when that was.
OLDEST = LONGEST
# With these a token endpoint refuses a code, or us; with others it does not answer.
_REFUSED = frozenset({400, 401, 403})
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Client:
    """`issuer` is of its ID tokens: their audience is the client. `name` is the provider's, on pages."""

    name: str
    issuer: Issuer
    secret: str | None = field(repr=False)
    metadata: Fetched[Metadata] = field(repr=False)

    def address(self, errand: Errand, language: str) -> str:
        """Where at the provider somebody logs in; to prove themselves anew without what it remembers of them.

        Raises:
            ProblemError: `unavailable`: the provider can't be reached.
        """
        known = self.metadata.value()
        asked = {
            "response_type": "code",
            "client_id": self.issuer.audience,
            "redirect_uri": errand.back,
            "scope": "openid",
            "state": errand.state,
            "nonce": errand.nonce,
            "code_challenge": _challenge(errand.verifier),
            "code_challenge_method": "S256",
            "ui_locales": language,
            "max_age": str(int(OLDEST.total_seconds())),
        }
        if errand.again:
            # `prompt` lets them log in anew, `max_age` has the provider say that they did.
            asked |= {"max_age": "0", "prompt": "login"}
            if wanted := sorted(known.acr_values_supported & self.issuer.second_factor):
                asked["acr_values"] = " ".join(wanted)
        return _with(known.authorization_endpoint, asked)

    def redeemed(self, code: str, errand: Errand) -> str:
        """The ID token that the provider gives for a code.

        Raises:
            UnprovenError: it gives none for this one.
            ProblemError: `unavailable`: the provider can't be reached.
        """
        known = self.metadata.value()
        said = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": errand.back,
            "code_verifier": errand.verifier,
        }
        try:
            status, answer = answered("POST", known.token_endpoint, **self._as_client(said, known))
        except (httpx.HTTPError, ValueError, RecursionError) as error:
            raise away(f"the token endpoint can't be asked: {type(error).__name__}: {error}") from None
        if status != httpx.codes.OK and status not in _REFUSED:
            raise away(f"the token endpoint answers {status}")
        token = answer.get("id_token") if status == httpx.codes.OK and isinstance(answer, dict) else None
        if not isinstance(token, str):
            why = answer.get("error") if isinstance(answer, dict) else None
            raise UnprovenError(f"no ID token for that code: {status}, {str(why)[:100]!r}")
        return token

    def way_out(self, back: str) -> str | None:
        """Where one logs out at the provider, and then comes `back`; None where it has no such page.

        Raises:
            ProblemError: `unavailable`: the provider can't be reached.
        """
        there = self.metadata.value().end_session_endpoint
        said = {"client_id": self.issuer.audience, "post_logout_redirect_uri": back}
        return _with(there, said) if there is not None else None

    def _as_client(self, said: Mapping[str, str], known: Metadata) -> dict[str, Any]:
        """The request of a client that names itself, and proves it where it has a secret (RFC 6749, 2.3.1)."""
        name = self.issuer.audience
        if self.secret is None:
            return {"data": {**said, "client_id": name}}
        if "client_secret_basic" in known.token_endpoint_auth_methods_supported:
            return {"data": dict(said), "auth": (quote_plus(name), quote_plus(self.secret))}
        return {"data": {**said, "client_id": name, "client_secret": self.secret}}


def away(why: str) -> ProblemError:
    """The refusal where a provider does not answer; `why` is for the log."""
    _log.warning("a provider is away: %s", why)
    return ProblemError(Code.UNAVAILABLE, "provider_away")


def _challenge(verifier: str) -> str:
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _with(address: str, said: Mapping[str, str]) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(said)}"
