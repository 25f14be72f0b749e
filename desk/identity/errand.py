"""A login that was begun: what must come back from the provider, kept in the browser that began it, sealed."""

import json
import secrets
from base64 import urlsafe_b64encode
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from fastapi import Request, Response

COOKIE = "__Host-casework-login"
# So long somebody may take at their provider.
LASTS = timedelta(minutes=10)
# Bytes of the address where one goes on; a browser keeps no cookie of more than 4 KiB.
_LONGEST = 1_500


@dataclass(frozen=True)
class Errand:
    """Whom the person is sent to, and what tells that it is they who come back (RFC 9700).

    `back` is where the provider sends them, `to` the page where they go on. `again`: they are in, and prove themselves
    anew. `at` is when it began, in seconds since 1970.
    """

    issuer: str
    back: str
    to: str
    again: bool
    at: float
    state: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48), repr=False)


class Sealing:
    """Seals errands by a key that all desks have (Fernet: AES-CBC and HMAC-SHA256, with the time).

    Raises:
        ValueError: there is none.
    """

    def __init__(self, key: bytes) -> None:
        if not key:
            raise ValueError("a login is sealed by a key")
        made = HKDF(SHA256(), 32, salt=None, info=b"casework console login").derive(key)
        self._fernet = Fernet(urlsafe_b64encode(made))

    def sealed(self, errand: Errand) -> str:
        """The errand as its cookie has it."""
        said = json.dumps(asdict(errand), ensure_ascii=False)
        return self._fernet.encrypt_at_time(said.encode(), int(errand.at)).decode()

    def opened(self, sealed: str, now: datetime) -> Errand | None:
        """The errand; None where it is none of ours, or began longer ago than it `LASTS`."""
        try:
            said = self._fernet.decrypt_at_time(sealed, int(LASTS.total_seconds()), int(now.timestamp()))
            return Errand(**json.loads(said))
        except (InvalidToken, ValueError, TypeError):
            return None


def fits(to: str) -> bool:
    """Whether a cookie has room for the address."""
    return len(to.encode()) <= _LONGEST


def cookie(request: Request) -> str | None:
    """The sealed errand that the browser brings."""
    return request.cookies.get(COOKIE)


def set_cookie(response: Response, sealed: str) -> None:
    """Keep the errand in the browser: `SameSite=Lax`, as one comes back from another site."""
    most = int(LASTS.total_seconds())
    response.set_cookie(COOKIE, sealed, max_age=most, path="/", secure=True, httponly=True, samesite="lax")


def drop_cookie(response: Response) -> None:
    """Delete it."""
    response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="lax")
