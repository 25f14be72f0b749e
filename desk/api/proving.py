"""How does a password or a code become a session? In a seat, never in the threads that all others need."""

from collections.abc import Callable
from typing import TypeVar

from fastapi import Request, Response

from desk.api.identity.accounts import Accounts
from desk.api.identity.caller import Caller, Via
from desk.api.identity.sessions import csrf_token, set_cookie
from desk.api.identity.unproven import UnprovenError, refusal
from desk.api.limits import address
from desk.api.problem import ProblemError
from desk.api.rules import SECOND_FACTOR
from desk.api.service import Service, service
from desk.api.shapes.identity import Login, Proof, Session
from states.terms import Code
from store import party
from store import session as rows

T = TypeVar("T")


async def proving(request: Request, accounts: Accounts, work: Callable[[], Session]) -> Session:
    """Do what proves a person: in a seat, and from an address where not too much has failed.

    Raises:
        UnprovenError: not proven.
        ProblemError: `too_many_requests`.
    """
    limits, where = service(request).limits, address(request)
    limits.count_proof(where)
    try:
        return await accounts.seats.seated(work)
    except UnprovenError:
        limits.failed(where)
        raise


def begin(request: Request, response: Response, accounts: Accounts, body: Login) -> Session:
    """Begin a session of whoever the body proves; the browser's session before ends.

    Raises:
        UnprovenError: nobody.
    """
    desk = service(request)
    proven, sessions = (
        accounts.login(body.person, body.password.get_secret_value(), body.code),
        desk.identities.sessions,
    )
    with desk.engine.begin() as connection:
        actor = party.actor(connection, proven.person)
        if actor is None:
            raise UnprovenError("nobody here")
        # Who has no second factor, and needs none, has just shown all that they have.
        enough = proven.factor_shown or not (proven.has_factor or actor.role in SECOND_FACTOR)
        for before in sessions.cookies(request):
            sessions.end(connection, before)
        token, begun = sessions.begin(connection, actor.id, desk.identities.now() if enough else None)
    caller = Caller(actor, Via.SESSION, second_factor_at=begun.second_factor_at, session=begun.token_hash)
    return _handed(response, desk, caller, token, begun)


def turn(desk: Service, response: Response, accounts: Accounts, caller: Caller, known: str, body: Proof) -> Session:
    """Turn the caller's session to one that has just shown all.

    Raises:
        UnprovenError: the body does not.
        ProblemError: `unauthenticated`: the session has ended meanwhile.
    """
    _prove_again(desk, accounts, caller, known, body)
    try:
        with desk.engine.begin() as connection:
            token, turned = desk.identities.sessions.turn(connection, known, desk.identities.now())
    except UnprovenError as why:
        raise refusal(why) from None
    now_caller = Caller(caller.actor, Via.SESSION, None, turned.second_factor_at, turned.token_hash)
    return _handed(response, desk, now_caller, token, turned)


def shown(desk: Service, caller: Caller, token: str | None = None, session: rows.Session | None = None) -> Session:
    """Who the caller is."""
    actor, accounts = caller.actor, desk.identities.accounts
    needed = caller.via is not Via.API_KEY and (
        actor.role in SECOND_FACTOR or (token is not None and accounts is not None and accounts.has_factor(actor.id))
    )
    factor = "shown" if needed and caller.second_factor_at else "needed" if needed else "none"
    return Session(
        person=actor.id,
        role=actor.role,
        agency=actor.agency,
        via=caller.via,
        scopes=sorted(caller.scopes) if caller.scopes is not None else None,
        second_factor=factor,
        csrf_token=csrf_token(token) if token else None,
        ends_at=session.ends_at if session else None,
    )


def _prove_again(desk: Service, accounts: Accounts, caller: Caller, known: str, body: Proof) -> None:
    """Who has proven all in this session is not kept out by a pause that others made; but a failure then ends it."""
    person, inside = caller.actor.id, caller.second_factor_at is not None
    try:
        if accounts.has_factor(person):
            accounts.show_factor(person, _given(body.code, "code"), inside=inside)
        elif caller.actor.role in SECOND_FACTOR:
            raise ProblemError(Code.FORBIDDEN, "You have no second factor yet: ops sets one up for you.")
        else:
            accounts.login(person, _given(body.password, "password").get_secret_value(), inside=inside)
    except UnprovenError:
        if inside and accounts.pauses(person):
            with desk.engine.begin() as connection:
                rows.end(connection, known)
        raise


def _given(value: T | None, field: str) -> T:
    if value is None:
        raise ProblemError(Code.INVALID, f"Show your `{field}`.", field)
    return value


def _handed(response: Response, desk: Service, caller: Caller, token: str, session: rows.Session) -> Session:
    set_cookie(response, token)
    response.headers["Cache-Control"] = "no-store"
    return shown(desk, caller, token, session)
