"""Browsers' sessions: rows in the database. The cookie holds a random token, the row only its hash."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from fastapi import Request, Response
from sqlalchemy import Connection

from desk.identity.unproven import UnprovenError
from desk.refusal import ProblemError
from states.situation import Actor
from states.terms import Code
from store import session as rows
from store.session import Session

COOKIE = "__Host-casework"
CSRF_HEADER = "X-CSRF-Token"
IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
# `seen_at` is written at most so often.
SEEN_EVERY = timedelta(minutes=1)
_SAFE = frozenset({"GET", "HEAD"})
# What pages of Temporal's own may ask for with a session's cookie, and nothing else: messages, decrypted for ops.
DECODE = "/api/v1/codec/decode"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


class Sessions:
    """Begins, finds and ends sessions. `origin` is that of our pages; empty: the one that a request asks for.

    `guest` is that of Temporal's own pages: they may ask for `DECODE`, which changes nothing, without the token that
    only ours have. A browser says truly from which origin a page asks, and lets no other read the answer (`Origin`).
    """

    def __init__(self, now: Callable[[], datetime], origin: str = "", guest: str | None = None) -> None:
        self._now = now
        self._origin = origin.rstrip("/")
        self._guest = guest

    @staticmethod
    def cookies(request: Request) -> list[str]:
        """The session tokens in the request's cookies; a request with several is refused later."""
        pairs = (pair.partition("=") for line in request.headers.getlist("Cookie") for pair in line.split(";"))
        return [value.strip() for name, _, value in pairs if name.strip() == COOKIE]

    def begin(self, connection: Connection, person: str, second_factor_at: datetime | None) -> tuple[str, Session]:
        """A new session and its token; rows of sessions that are over are deleted."""
        now, token = self._now(), secrets.token_urlsafe(32)
        rows.sweep(connection, now, now - IDLE)
        begun = Session(_hash(token), person, now, now, now + LONGEST, second_factor_at)
        rows.insert(connection, begun)
        return token, begun

    def accept(self, connection: Connection, token: str, *, touch: bool = True) -> tuple[Session, Actor | None]:
        """The session of a token, and its person as an actor; none where they have left.

        Without `touch` it is not seen: what a page asks for by itself keeps no session alive.

        Raises:
            UnprovenError: there is none, or it is over: 30 minutes idle, or 12 hours old.
        """
        found = rows.acting(connection, _hash(token)) if _TOKEN.fullmatch(token) else None
        if found is None:
            raise UnprovenError("no session")
        session, now = found[0], self._now()
        if now >= session.ends_at or now - session.seen_at >= IDLE:
            raise UnprovenError("a session that is over")
        if touch and now - session.seen_at >= SEEN_EVERY:
            rows.change(connection, session.token_hash, {"seen_at": now})
        return found

    def turn(self, connection: Connection, token_hash: str, second_factor_at: datetime) -> tuple[str, Session]:
        """Give a session a new token and the second factor that was shown; its end stays.

        Raises:
            UnprovenError: it has ended.
        """
        token, session = secrets.token_urlsafe(32), rows.read(connection, token_hash)
        changed = {"token_hash": _hash(token), "second_factor_at": second_factor_at}
        if session is None or not rows.change(connection, token_hash, changed):
            raise UnprovenError("the session has ended")
        return token, replace(session, token_hash=_hash(token), second_factor_at=second_factor_at)

    @staticmethod
    def end(connection: Connection, token: str) -> None:
        """End the session of a token, if there is one."""
        rows.end(connection, _hash(token))

    def must_be_ours(self, request: Request, token: str) -> None:
        """Guard changes against cross-site requests: by `Origin` or `Referer`, and by the token in `X-CSRF-Token`.

        Raises:
            ProblemError: `forbidden`.
        """
        if request.method in _SAFE or self._asks_as_guest(request):
            return
        self.must_come_from_here(request)
        given = request.headers.getlist(CSRF_HEADER)
        if len(given) != 1:
            raise _not_ours()
        must_be_meant(token, given[0])

    def _asks_as_guest(self, request: Request) -> bool:
        known = self._guest is not None and request.headers.getlist("Origin") == [self._guest]
        return known and getattr(request.scope.get("route"), "path", None) == DECODE

    def must_come_from_here(self, request: Request) -> None:
        """Guard changes by `Origin` or `Referer` alone.

        Raises:
            ProblemError: `forbidden`.
        """
        if request.method not in _SAFE and not self.from_here(request):
            raise _not_ours()

    def from_here(self, request: Request, *, unsaid: bool = False) -> bool:
        """Whether the request comes from our own pages; `unsaid` where it has neither `Origin` nor `Referer`."""
        origin = request.headers.get("Origin")
        if origin is None and (referer := request.headers.get("Referer")):
            try:
                parts = urlsplit(referer)
            except ValueError:
                return False
            origin = f"{parts.scheme}://{parts.netloc}"
        if origin is None:
            return unsaid
        return origin == self.origin(request)

    def origin(self, request: Request) -> str:
        """The origin of our pages, as the request's browser knows it."""
        return self._origin or f"{request.url.scheme}://{request.url.netloc}"


def must_be_meant(token: str, given: str) -> None:
    """Hold the CSRF token that a change came with against its session's.

    Raises:
        ProblemError: `forbidden`.
    """
    if not _equal(given, csrf_token(token)):
        raise _not_ours()


def csrf_token(token: str) -> str:
    """The CSRF token of a session: an HMAC under the session's token, which it does not reveal."""
    return hmac.new(token.encode(), b"casework csrf", hashlib.sha256).hexdigest()


def set_cookie(response: Response, token: str) -> None:
    """Set the session's cookie: `Secure`, `HttpOnly`, `SameSite=Lax`."""
    most = int(LONGEST.total_seconds())
    response.set_cookie(COOKIE, token, max_age=most, path="/", secure=True, httponly=True, samesite="lax")


def drop_cookie(response: Response) -> None:
    """Delete the session's cookie."""
    response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="lax")


def _not_ours() -> ProblemError:
    return ProblemError(Code.FORBIDDEN, "not_from_our_pages", header=CSRF_HEADER)


def _equal(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
