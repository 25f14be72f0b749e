"""The caller's own session: log in and out, show a second factor, choose language and time zone."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from fastapi import APIRouter, Request, Response

from desk.api.admission import Admitted
from desk.api.openapi.document import problems
from desk.api.route import Route
from desk.api.rules import V1
from desk.api.shapes.identity import Login, Preferences, Proof, Session
from desk.identity.caller import SECOND_FACTOR, Caller, Via
from desk.identity.limits import address
from desk.identity.proving import Begun
from desk.identity.sessions import csrf_token, drop_cookie, set_cookie
from desk.identity.unproven import UnprovenError, refusal
from desk.refusal import ApiCode, ProblemError
from desk.service import Service, service
from states.terms import Code
from store import session as rows

router = APIRouter(route_class=Route, tags=["identity"])
_NOT_ACCEPTED = "proof_not_accepted"


@router.post(f"{V1}/session", status_code=201, responses=problems())
async def log_in(request: Request, response: Response, body: Login) -> Session:
    """Log in to a local account: the answer sets the session's cookie."""
    desk = service(request)
    proving = desk.proving
    if not desk.identities.sessions.from_here(request, unsaid=True):
        raise ProblemError(Code.FORBIDDEN, "log_in_on_our_pages")
    before = desk.identities.sessions.cookies(request)
    work = partial(proving.begin, body.person, body.password.get_secret_value(), body.code, before)
    try:
        return _handed(response, *await proving.seated(address(request), partial(_begun, desk, work)))
    except UnprovenError as why:
        raise _not_accepted(why) from None


@router.get(f"{V1}/session", responses=problems())
def who_am_i(request: Request, caller: Admitted) -> Session:
    """Say who you are, and how that is known: for every kind of caller."""
    desk = service(request)
    if caller.session is None:
        return _shown(desk, caller)
    with desk.engine.begin() as connection:
        session = rows.read(connection, caller.session)
    return _shown(desk, caller, desk.identities.sessions.cookies(request)[0], session)


@router.delete(f"{V1}/session", status_code=204, responses=problems(404))
def log_out(request: Request, response: Response, caller: Admitted) -> None:
    """Log out: the session ends."""
    if caller.session is None:
        raise ProblemError(Code.NOT_FOUND, "no_session")
    desk = service(request)
    with desk.engine.begin() as connection:
        rows.end(connection, caller.session)
    drop_cookie(response)


@router.post(f"{V1}/session/second-factor", responses=problems(404))
async def show_second_factor(request: Request, response: Response, caller: Admitted, body: Proof) -> Session:
    """Show the second factor, for the first time or again: the session gets a new token; its end stays."""
    desk = service(request)
    if caller.session is None:
        raise ProblemError(Code.NOT_FOUND, "no_session")
    proving, password = desk.proving, body.password.get_secret_value() if body.password else None
    work = partial(proving.turn, caller, caller.session, body.code, password)
    try:
        return _handed(response, *await proving.seated(address(request), partial(_begun, desk, work)))
    except UnprovenError as why:
        refusal(why)
        raise ProblemError(ApiCode.SECOND_FACTOR_REQUIRED, _NOT_ACCEPTED) from None


@router.get(f"{V1}/session/preferences", responses=problems())
def preferences(request: Request, caller: Admitted) -> Preferences:
    """In which language and time zone you chose to read."""
    chosen = service(request).preferences.read(caller.actor)
    return Preferences.model_validate({"language": chosen.language, "zone": chosen.zone})


@router.put(f"{V1}/session/preferences", responses=problems())
def prefer(request: Request, caller: Admitted, body: Preferences) -> Preferences:
    """Choose in which language and time zone you read; what is left out follows the request, and where you work."""
    kept = service(request).preferences
    kept.write(caller.actor, replace(kept.read(caller.actor), language=body.language, zone=body.zone))
    return body


def _not_accepted(why: UnprovenError) -> ProblemError:
    return ProblemError(ApiCode.UNAUTHENTICATED, _NOT_ACCEPTED, headers=refusal(why).headers)


def _begun(desk: Service, work: Callable[[], Begun]) -> tuple[str, Session]:
    """Begin, and give the token and who has it; all of it asks the database."""
    begun = work()
    return begun.token, _shown(desk, begun.caller, begun.token, begun.session)


def _handed(response: Response, token: str, session: Session) -> Session:
    set_cookie(response, token)
    return session


def _shown(desk: Service, caller: Caller, token: str | None = None, session: rows.Session | None = None) -> Session:
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
