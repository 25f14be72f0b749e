"""Checks an identity provider's signed tokens (RFC 7519, 8725, 9068), by the one algorithm that its settings fix."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from pydantic_core import PydanticCustomError

from activities.entered import name
from desk.identity.compact import must_be_compact
from desk.identity.jwks import ALGORITHMS, KeySource
from desk.identity.unproven import UnprovenError
from states.terms import PARTIES, Role

LEEWAY = timedelta(seconds=30)
# Tokens that live longer are refused, so that an old one that is found is worthless.
LONGEST_LIFE = timedelta(hours=24)
_TYPES = frozenset({"jwt", "at+jwt", "application/at+jwt"})
_REQUIRED = ["iss", "aud", "exp", "iat", "sub"]
# Times are checked by `_on_time`: PyJWT takes them as text too, and only by the machine's clock.
_OPTIONS: Any = {
    "require": _REQUIRED,
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
    "enforce_minimum_key_length": True,
}


@dataclass(frozen=True)
class Issuer:
    """A trusted provider. It may vouch for `roles`; `second_factor`: `amr` or `acr` values that show one.

    Raises:
        ValueError: an algorithm that is not asymmetric.
    """

    issuer: str
    audience: str
    algorithm: str
    keys: KeySource = field(repr=False)
    roles: frozenset[Role] = PARTIES
    second_factor: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.algorithm not in ALGORITHMS:
            raise ValueError(f"{self.algorithm} is none of {', '.join(ALGORITHMS)}")


@dataclass(frozen=True)
class Vouched:
    """What a token proves: person, issuer, when a second factor was shown, and when they logged in (UTC).

    `nonce` is that of the login which a token was asked for with, `client` to whom it was given (`azp`).
    """

    person: str
    issuer: Issuer
    second_factor_at: datetime | None
    logged_in_at: datetime | None
    nonce: object = None
    client: object = None


def vouched(token: str, issuers: Mapping[str, Issuer], now: datetime) -> Vouched:
    """What the token proves.

    Raises:
        UnprovenError: nothing.
        ProblemError: `unavailable`: the provider's keys can't be fetched.
    """
    try:
        must_be_compact(token)
        return _vouched(token, issuers, now)
    except (jwt.PyJWTError, ValueError, TypeError, OverflowError, OSError, RecursionError) as error:
        raise UnprovenError(f"{type(error).__name__}: {error}") from None


def _vouched(token: str, issuers: Mapping[str, Issuer], now: datetime) -> Vouched:
    # The unverified `iss` chooses the configuration, and nothing else.
    claimed = jwt.decode(token, options={"verify_signature": False}).get("iss")
    issuer = issuers.get(claimed) if isinstance(claimed, str) else None
    if issuer is None:
        raise UnprovenError("nobody's token that we know")
    key = issuer.keys.find(_kid(jwt.get_unverified_header(token), issuer), issuer.algorithm)
    if key is None:
        raise UnprovenError("no key of that name")
    claims = jwt.decode(
        token, key, algorithms=[issuer.algorithm], audience=issuer.audience, issuer=issuer.issuer, options=_OPTIONS
    )
    _for_us(claims, issuer)
    _on_time(claims, now)
    try:
        person = name(claims["sub"])
    except PydanticCustomError:
        raise UnprovenError("nobody is called so") from None
    logged_in = claims.get("auth_time")
    logged_in_at = None if logged_in is None else datetime.fromtimestamp(_number(logged_in), UTC)
    shown_at = _second_factor(claims, issuer)
    return Vouched(person, issuer, shown_at, logged_in_at, claims.get("nonce"), claims.get("azp"))


def _for_us(claims: Mapping[str, Any], issuer: Issuer) -> None:
    """Refuse a logout token (`events`), one that needs a further proof (`cnf`), and another client's (`azp`)."""
    if "events" in claims or "cnf" in claims:
        raise UnprovenError("a logout's, or bound to what we don't ask for")
    if (
        isinstance(claims["aud"], list)
        and len(claims["aud"]) > 1
        and claims.get("azp", issuer.audience) != issuer.audience
    ):
        raise UnprovenError("one of several audiences, and given to another")


def _kid(header: Mapping[str, Any], issuer: Issuer) -> str | None:
    """The `kid`, if there is one; keys, addresses and certificates in the header are never looked at."""
    if header.get("alg") != issuer.algorithm or "crit" in header or "b64" in header or "cty" in header:
        raise UnprovenError("another algorithm, or more than we understand")
    kind, kid = header.get("typ", "JWT"), header.get("kid")
    if not isinstance(kind, str) or kind.lower() not in _TYPES or not isinstance(kid, str | None):
        raise UnprovenError("another type")
    return kid


def _on_time(claims: Mapping[str, Any], now: datetime) -> None:
    at, leeway = now.timestamp(), LEEWAY.total_seconds()
    begins, ends = _number(claims["iat"]), _number(claims["exp"])
    not_before, logged_in = _number(claims.get("nbf", begins)), _number(claims.get("auth_time", begins))
    if at >= ends + leeway:
        raise UnprovenError("expired")
    if max(begins, not_before, logged_in) > at + leeway:
        raise UnprovenError("not yet valid")
    if ends < max(begins, not_before) or ends - begins > LONGEST_LIFE.total_seconds():
        raise UnprovenError("it ends before it begins, or lives too long")


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise UnprovenError("a time is no number")
    return float(value)


def _second_factor(claims: Mapping[str, Any], issuer: Issuer) -> datetime | None:
    methods = claims.get("amr")
    shown = [*(methods if isinstance(methods, list) else []), claims.get("acr")]
    if not any(isinstance(one, str) and one in issuer.second_factor for one in shown):
        return None
    return datetime.fromtimestamp(_number(claims.get("auth_time", claims["iat"])), UTC)
