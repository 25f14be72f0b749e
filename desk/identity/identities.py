"""Finds a request's caller by its one proof: a provider's token, a system's key, or a browser's session."""

from collections.abc import Callable, Sequence
from datetime import datetime

from fastapi import Request
from sqlalchemy import Engine

from desk.identity.accounts import Accounts
from desk.identity.arrivals import Arrivals
from desk.identity.caller import Caller, Via
from desk.identity.client import Client
from desk.identity.errand import Sealing
from desk.identity.keys import Keys
from desk.identity.letting import let_in, vouched_for
from desk.identity.oidc import Issuer, vouched
from desk.identity.sessions import Sessions
from desk.identity.unproven import TwoProofsError, UnprovenError, refusal
from store import party
from store.engine import one_by_one
from workers.clock import Clock

_REAL = Clock()


class Identities:
    """Finds who calls. Times are real, also in a rehearsal, whose cases have another clock.

    Only in a `demo` its cast is let in, whatever they show: everybody knows their password. At `clients` people log in
    to the console; `key` is what all desks seal such a login by.

    Raises:
        ValueError: two issuers of one name.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        issuers: Sequence[Issuer] = (),
        local_accounts: bool = False,
        origin: str = "",
        guest: str | None = None,
        demo: bool = False,
        clients: Sequence[Client] = (),
        key: bytes = b"",
        now: Callable[[], datetime] = _REAL.now,
    ) -> None:
        self._engine = engine
        self._issuers = {issuer.issuer: issuer for issuer in issuers}
        if len(self._issuers) < len(issuers):
            raise ValueError("two issuers have one name")
        self.now = now
        self.keys = Keys(now)
        self.sessions = Sessions(now, origin, guest)
        self._demo = demo
        self.accounts = Accounts(engine, now, demo=demo) if local_accounts else None
        self.arrivals = Arrivals(engine, clients, Sealing(key), self.sessions, now, demo=demo) if clients else None

    @property
    def logs_in(self) -> bool:
        """Whether browsers have sessions here: by local accounts, or by providers that people log in at."""
        return self.accounts is not None or self.arrivals is not None

    def caller(self, request: Request) -> Caller:
        """The caller of the request.

        Raises:
            ProblemError: `unauthenticated`; `forbidden`: a browser's request comes from another site;
                `unavailable`: the provider's keys can't be fetched.
        """
        shown = request.headers.getlist("Authorization")
        cookies = self.sessions.cookies(request)
        if not shown and not cookies:
            raise refusal(None)
        try:
            return self._by_one(request, shown, cookies)
        except UnprovenError as why:
            raise refusal(why) from None

    def in_browser(self, request: Request, *, touch: bool = True) -> Caller:
        """The caller of a page, whom only a session proves; a change's CSRF token is in its form, which is read later.

        Raises:
            ProblemError: `unauthenticated`; `forbidden`: a change comes from another site's page.
        """
        cookies = self.sessions.cookies(request)
        if not self.logs_in or len(cookies) != 1:
            raise refusal(None)
        try:
            self.sessions.must_come_from_here(request)
            return self._of_session(cookies[0], touch=touch)
        except UnprovenError as why:
            raise refusal(why) from None

    def log_out(self, request: Request) -> None:
        """End the sessions of a request's cookies."""
        with self._engine.begin() as connection:
            for token in self.sessions.cookies(request):
                self.sessions.end(connection, token)

    def _by_one(self, request: Request, shown: Sequence[str], cookies: Sequence[str]) -> Caller:
        if len(shown) + len(cookies) > 1:
            raise TwoProofsError("more than one proof")
        return self._by_cookie(request, cookies[0]) if cookies else self._by_bearer(shown[0])

    def _by_bearer(self, header: str) -> Caller:
        scheme, _, proof = header.partition(" ")
        if scheme.lower() != "bearer":
            raise UnprovenError("not a bearer's")
        if self.keys.looks_like(proof):
            with self._engine.begin() as connection:
                found = self.keys.accept(connection, proof)
                actor = let_in(connection, party.actor(connection, found.person), found.created_by, demo=self._demo)
            return Caller(actor, Via.API_KEY, found.scopes, key=found.id)
        told = vouched(proof, self._issuers, self.now())
        with self._engine.begin() as connection:
            actor = vouched_for(connection, told, demo=self._demo)
        return Caller(
            actor, Via.TOKEN, second_factor_at=told.second_factor_at, logged_in_at=told.logged_in_at
        )  # fmt: skip

    def _by_cookie(self, request: Request, token: str) -> Caller:
        if not self.logs_in:
            raise UnprovenError("nobody logs in here")
        self.sessions.must_be_ours(request, token)
        return self._of_session(token)

    def _of_session(self, token: str, *, touch: bool = True) -> Caller:
        with self._engine.begin() if touch else one_by_one(self._engine) as connection:
            session, person = self.sessions.accept(connection, token, touch=touch)
            actor = let_in(connection, person, demo=self._demo)
        return Caller(actor, Via.SESSION, second_factor_at=session.second_factor_at, session=session.token_hash)
