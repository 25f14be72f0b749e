"""Logins at identity providers: whoever is sent there comes back as the same browser, and then has a session of ours.

Nothing is kept of a login that fails, and no session is changed by it. Times are real.
"""

import hmac
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Protocol

from sqlalchemy import Connection, Engine

from desk.identity.caller import SECOND_FACTOR, Caller, Via
from desk.identity.client import OLDEST, Client, away
from desk.identity.errand import Errand, Sealing, fits
from desk.identity.letting import vouched_for
from desk.identity.oidc import LEEWAY, Vouched, vouched
from desk.identity.proving import Begun
from desk.identity.seats import Seats
from desk.identity.sessions import Sessions
from desk.identity.unproven import UnprovenError
from desk.refusal import ApiCode, ProblemError
from states.situation import Actor
from states.terms import Code, Role
from store.session import Session

# When somebody logged in whose provider does not say when: too long ago for what is grave.
LONG_AGO = datetime.fromtimestamp(0, UTC)
_ERROR = re.compile(r"[a-z_]{1,40}")
# Errors with which a provider says that it is away for a while (RFC 6749, 4.1.2.1).
_AWAY = frozenset({"server_error", "temporarily_unavailable"})


class Said(Protocol):
    """The query with which a provider sends somebody back."""

    def getlist(self, key: str) -> list[str]:
        """All values of a name."""


class Arrivals:
    """Sends people to the providers of `clients`, and takes in who comes back."""

    def __init__(
        self,
        engine: Engine,
        clients: Sequence[Client],
        sealing: Sealing,
        sessions: Sessions,
        now: Callable[[], datetime],
        *,
        demo: bool = False,
    ) -> None:
        self._engine, self._sealing, self._sessions = engine, sealing, sessions
        self.clients = {client.issuer.issuer: client for client in clients}
        self._now, self._demo = now, demo
        self.seats = Seats()

    def sent(self, client: Client, back: str, to: str, language: str, *, again: bool) -> tuple[str, str]:
        """Where at the provider somebody logs in, and the sealed errand that their browser keeps meanwhile.

        Raises:
            ProblemError: `unavailable`: the provider can't be reached.
        """
        errand = Errand(client.issuer.issuer, back, to if fits(to) else "", again, self._now().timestamp())
        return client.address(errand, language), self._sealing.sealed(errand)

    def errand(self, sealed: str | None) -> Errand | None:
        """What the browser was sent for; None where that is not known, or was too long ago."""
        return self._sealing.opened(sealed, self._now()) if sealed else None

    def taken(self, errand: Errand | None, said: Said, before: Sequence[str]) -> Begun:
        """Begin a session for who comes back, and end those of the tokens `before`; or give theirs a new token.

        Raises:
            UnprovenError: it is not proven who they are.
            ProblemError: `unauthenticated`: begun elsewhere or too long ago, refused at the provider, or nobody here;
                `step_up_required`: they did not log in just now; `second_factor_required`: nor showed one;
                `forbidden`: somebody else's session is here; `unavailable`: the provider can't be reached.
        """
        if errand is None or not _is(said, "state", errand.state):
            raise ProblemError(ApiCode.UNAUTHENTICATED, "login_lapsed")
        client = self.clients.get(errand.issuer)
        if client is None:
            raise UnprovenError("of a provider that is none any more")
        told = self._told(client, errand, _code(client, said))
        _must_be_recent(told, errand)
        with self._engine.begin() as connection:
            try:
                actor = vouched_for(connection, told, demo=self._demo)
            except UnprovenError as why:
                raise ProblemError(ApiCode.UNAUTHENTICATED, "login_nobody", person=told.person) from why
            shown = self._shown(told, actor.role)
            if errand.again:
                if shown is None:
                    raise ProblemError(ApiCode.SECOND_FACTOR_REQUIRED, "login_without_second_factor")
                if (turned := self._turned(connection, actor, shown, before)) is not None:
                    return turned
            for token in before:
                self._sessions.end(connection, token)
            return _begun(actor, *self._sessions.begin(connection, actor.id, shown))

    def _told(self, client: Client, errand: Errand, code: str) -> Vouched:
        """What the ID token says that is given for the code: for us, and for this login."""
        told = vouched(client.redeemed(code, errand), {client.issuer.issuer: client.issuer}, self._now())
        if not isinstance(told.nonce, str) or not _same(told.nonce, errand.nonce):
            raise UnprovenError("an ID token of another login")
        if told.client not in {None, client.issuer.audience}:
            raise UnprovenError("an ID token that was given to another")
        return told

    def _shown(self, told: Vouched, role: Role) -> datetime | None:
        """When they last showed all that their role needs; None where staff showed no second factor."""
        if role in SECOND_FACTOR and told.second_factor_at is None:
            return None
        return min(told.logged_in_at or LONG_AGO, self._now())

    def _turned(self, connection: Connection, actor: Actor, shown: datetime, before: Sequence[str]) -> Begun | None:
        """Their session with a new token; None where it has ended meanwhile."""
        try:
            session, person = self._sessions.accept(connection, before[0] if len(before) == 1 else "")
        except UnprovenError:
            return None
        if person is None or person.id != actor.id:
            raise ProblemError(Code.FORBIDDEN, "login_of_another", person=session.person)
        return _begun(actor, *self._sessions.turn(connection, session.token_hash, shown))


def _begun(actor: Actor, token: str, session: Session) -> Begun:
    caller = Caller(actor, Via.SESSION, second_factor_at=session.second_factor_at, session=session.token_hash)
    return Begun(caller, token, session)


def _code(client: Client, said: Said) -> str:
    """The code that the provider gave; it names itself where it can (RFC 9207), so that no other speaks for it."""
    issuers = said.getlist("iss")
    if issuers != [client.issuer.issuer] and (
        issuers or client.metadata.value().authorization_response_iss_parameter_supported
    ):
        raise UnprovenError("another provider's answer")
    errors, codes = said.getlist("error"), said.getlist("code")
    if errors:
        error = errors[0] if _ERROR.fullmatch(errors[0]) else "error"
        if error in _AWAY:
            raise away(f"it says {error}")
        raise ProblemError(ApiCode.UNAUTHENTICATED, "login_denied", error=error)
    if len(codes) != 1 or not codes[0]:
        raise UnprovenError("not one code")
    return codes[0]


def _must_be_recent(told: Vouched, errand: Errand) -> None:
    """Hold when they logged in against what was asked: now, or not too long ago; then it need not be said."""
    if told.logged_in_at is None and not errand.again:
        return
    oldest = errand.at - LEEWAY.total_seconds() - (0 if errand.again else OLDEST.total_seconds())
    if told.logged_in_at is None or told.logged_in_at.timestamp() < oldest:
        raise ProblemError(ApiCode.STEP_UP_REQUIRED, "login_not_fresh")


def _is(said: Said, name: str, expected: str) -> bool:
    given = said.getlist(name)
    return len(given) == 1 and _same(given[0], expected)


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())
