"""From a password or a code to a session; hashing has a thread pool of its own (`desk/identity/seats.py`)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Engine

from desk.identity.accounts import Accounts
from desk.identity.caller import SECOND_FACTOR, Caller, Via
from desk.identity.limits import Limits
from desk.identity.seats import Seats
from desk.identity.sessions import Sessions
from desk.identity.unproven import UnprovenError, refusal
from desk.refusal import ProblemError
from states.terms import Code
from store import party
from store import session as rows

T = TypeVar("T")


@dataclass(frozen=True)
class Begun:
    """A session that has just begun, or was given a new token: whose it is, and the token."""

    caller: Caller
    token: str
    session: rows.Session


@dataclass(frozen=True)
class Proving:
    """Begins sessions of local accounts. `now` is real time."""

    engine: Engine
    accounts: Accounts
    sessions: Sessions
    limits: Limits
    now: Callable[[], datetime]

    async def seated(self, address: str, work: Callable[[], T]) -> T:
        """Do `work`, which checks a password or a code, in the pool; limited and counted by address.

        Raises:
            UnprovenError: not proven.
            ProblemError: `too_many_requests`: from this address, or the pool is full.
        """
        return await proved(self.limits, self.accounts.seats, address, work)

    def begin(self, person: str, password: str, code: str | None, before: Sequence[str]) -> Begun:
        """Log in: begin a session, and end those of the tokens `before`.

        Raises:
            UnprovenError: person, password or code is not right.
        """
        proven = self.accounts.login(person, password, code)
        with self.engine.begin() as connection:
            actor = party.actor(connection, proven.person)
            if actor is None:
                raise UnprovenError("nobody here")
            # Who has no second factor, and needs none, has shown all: their step-up is the password.
            enough = proven.factor_shown or not (proven.has_factor or actor.role in SECOND_FACTOR)
            for token in before:
                self.sessions.end(connection, token)
            token, begun = self.sessions.begin(connection, actor.id, self.now() if enough else None)
        caller = Caller(actor, Via.SESSION, second_factor_at=begun.second_factor_at, session=begun.token_hash)
        return Begun(caller, token, begun)

    def turn(self, caller: Caller, known: str, code: str | None, password: str | None) -> Begun:
        """Step up: check code or password again, and give the session with the token hash `known` a new token.

        Raises:
            UnprovenError: what was shown does not prove it.
            ProblemError: `unauthenticated`: the session has ended meanwhile.
        """
        self._prove_again(caller, known, code, password)
        try:
            with self.engine.begin() as connection:
                token, turned = self.sessions.turn(connection, known, self.now())
        except UnprovenError as why:
            raise refusal(why) from None
        return Begun(Caller(caller.actor, Via.SESSION, None, turned.second_factor_at, turned.token_hash), token, turned)

    def _prove_again(self, caller: Caller, known: str, code: str | None, password: str | None) -> None:
        """Check the code, or without a second factor the password.

        In a session in which all was proven a pause refuses nothing, but a failure during it ends the session.
        """
        person, inside = caller.actor.id, caller.second_factor_at is not None
        try:
            if self.accounts.has_factor(person):
                self.accounts.show_factor(person, _given(code, "code"), inside=inside)
            elif caller.actor.role in SECOND_FACTOR:
                raise ProblemError(Code.FORBIDDEN, "no_second_factor_yet")
            else:
                self.accounts.login(person, _given(password, "password"), inside=inside)
        except UnprovenError:
            if inside and self.accounts.pauses(person):
                with self.engine.begin() as connection:
                    rows.end(connection, known)
            raise


async def proved(limits: Limits, seats: Seats, address: str, work: Callable[[], T]) -> T:
    """Do `work`, which proves who somebody is, at one of the seats; limited and counted by address.

    Raises:
        UnprovenError: not proven.
        ProblemError: `too_many_requests`: from this address, or the seats are taken.
    """
    limits.count_proof(address)
    try:
        return await seats.seated(work)
    except UnprovenError:
        limits.failed(address)
        raise


def _given(value: T | None, field: str) -> T:
    if value is None:
        raise ProblemError(Code.INVALID, "show_yours", field)
    return value
