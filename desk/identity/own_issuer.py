"""An issuer of our own for rehearsals and tests: it signs tokens with a key made for the run."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from desk.identity.jwks import StaticKeys
from desk.identity.oidc import Issuer
from states.terms import Role
from workers.clock import Clock

_ALGORITHM = "ES256"
_REAL = Clock()


class OwnIssuer:
    """Signs tokens with a key that never leaves this process."""

    def __init__(
        self,
        *,
        issuer: str = "https://own.casework.invalid",
        audience: str = "casework",
        kid: str = "own",
        now: Callable[[], datetime] = _REAL.now,
    ) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._now = now
        point: dict[str, Any] = json.loads(ECAlgorithm.to_jwk(self._key.public_key()))
        self.public = {**point, "kid": kid, "use": "sig", "alg": _ALGORITHM}
        keys = StaticKeys({"keys": [self.public]})
        self.issuer = Issuer(issuer, audience, _ALGORITHM, keys, frozenset(Role), frozenset({"mfa"}))

    def token(self, person: str, *, second_factor: bool = True, lifetime: timedelta = timedelta(hours=1)) -> str:
        """A token for the person, as bearer."""
        now = self._now()
        claims = {
            "iss": self.issuer.issuer,
            "aud": self.issuer.audience,
            "sub": person,
            "iat": int(now.timestamp()),
            "exp": int((now + lifetime).timestamp()),
            "amr": ["pwd", "mfa"] if second_factor else ["pwd"],
        }
        return jwt.encode(claims, self._key, _ALGORITHM, {"kid": self.public["kid"]})
