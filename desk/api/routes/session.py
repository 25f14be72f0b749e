"""Who am I, and how does a browser log in and out?"""

from functools import partial

from fastapi import APIRouter, Request, Response

from desk.api import proving
from desk.api.admission import Admitted
from desk.api.documents import problems
from desk.api.identity.accounts import Accounts
from desk.api.identity.sessions import drop_cookie
from desk.api.identity.unproven import UnprovenError, refusal
from desk.api.problem import ApiCode, ProblemError
from desk.api.rules import V1
from desk.api.service import Service, service
from desk.api.shapes.identity import Login, Proof, Session
from states.terms import Code
from store import session as rows

router = APIRouter(tags=["identity"])
_NOT_ACCEPTED = "That is not accepted; after several failures an account pauses for a while."


@router.post(f"{V1}/session", status_code=201, responses=problems())
async def log_in(request: Request, response: Response, body: Login) -> Session:
    """Log in to a local account: the answer sets the session's cookie."""
    desk = service(request)
    accounts = _accounts(desk)
    if not desk.identities.sessions.from_here(request, unsaid=True):
        raise ProblemError(Code.FORBIDDEN, "A browser logs in on our own pages.")
    try:
        return await proving.proving(request, accounts, partial(proving.begin, request, response, accounts, body))
    except UnprovenError as why:
        raise _not_accepted(why) from None


@router.get(f"{V1}/session", responses=problems())
def who_am_i(request: Request, response: Response, caller: Admitted) -> Session:
    """Say who you are, and how that is known: for every kind of caller."""
    desk = service(request)
    response.headers["Cache-Control"] = "no-store"
    if caller.session is None:
        return proving.shown(desk, caller)
    with desk.engine.begin() as connection:
        session = rows.read(connection, caller.session)
    return proving.shown(desk, caller, desk.identities.sessions.cookies(request)[0], session)


@router.delete(f"{V1}/session", status_code=204, responses=problems(404))
def log_out(request: Request, response: Response, caller: Admitted) -> None:
    """Log out: the session ends."""
    if caller.session is None:
        raise ProblemError(Code.NOT_FOUND, "There is no session: a token or a key has none.")
    desk = service(request)
    with desk.engine.begin() as connection:
        rows.end(connection, caller.session)
    drop_cookie(response)


@router.post(f"{V1}/session/second-factor", responses=problems(404))
async def show_second_factor(request: Request, response: Response, caller: Admitted, body: Proof) -> Session:
    """Show the second factor, for the first time or again: the session gets a new token; its end stays."""
    desk = service(request)
    if caller.session is None:
        raise ProblemError(Code.NOT_FOUND, "There is no session: a token or a key has none.")
    accounts = _accounts(desk)
    work = partial(proving.turn, desk, response, accounts, caller, caller.session, body)
    try:
        return await proving.proving(request, accounts, work)
    except UnprovenError as why:
        refusal(why)
        raise ProblemError(ApiCode.SECOND_FACTOR_REQUIRED, _NOT_ACCEPTED) from None


def _accounts(desk: Service) -> Accounts:
    if desk.identities.accounts is None:
        raise ProblemError(Code.FORBIDDEN, "Nobody logs in here with a password: bring your provider's token.")
    return desk.identities.accounts


def _not_accepted(why: UnprovenError) -> ProblemError:
    problem = refusal(why)
    return ProblemError(problem.code, _NOT_ACCEPTED, headers=problem.headers)
