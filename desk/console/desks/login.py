"""Logging in; a form that a session's end interrupted is carried through, and shown again to be sent."""

from functools import partial
from http import HTTPStatus

from starlette.responses import RedirectResponse, Response

from desk.console.desks.arriving import ways_out
from desk.console.desks.resume import CARRIED, carried_in, resumed
from desk.console.page import HERE
from desk.console.refused import first, inside
from desk.console.visit import Visit
from desk.identity.limits import address
from desk.identity.sessions import set_cookie
from desk.identity.unproven import UnprovenError
from desk.refusal import ProblemError
from states.terms import Code


def show(visit: Visit) -> Response:
    """The page to log in on; for whoever has just logged out also where they log out at their provider."""
    left = ways_out(visit) if visit.asked("left") else []
    return first(visit, "login", visit.asked("to") or f"{HERE}/", [], left=left)


async def log_in(visit: Visit) -> Response:
    """Begin a session, and go on to where one was going."""
    desk, said = visit.desk, visit.form
    if not desk.identities.sessions.from_here(visit.request):
        raise ProblemError(Code.FORBIDDEN, "log_in_on_our_pages")
    to, carried = inside(said.text("to")), carried_in(said.texts(CARRIED))
    before = desk.identities.sessions.cookies(visit.request)
    work = partial(
        desk.proving.begin, said.text("person") or "", said.text("password") or "", said.text("code"), before
    )
    try:
        begun = await desk.proving.seated(address(visit.request), work)
    except UnprovenError:
        sentence = visit.words.say("refusal.proof_not_accepted")
        return first(visit, "login", to, carried, status=HTTPStatus.UNAUTHORIZED, sentence=sentence)
    visit.caller = begun.caller
    made = resumed(visit, to, carried, begun.token) if carried else RedirectResponse(to, HTTPStatus.SEE_OTHER)
    set_cookie(made, begun.token)
    return made
