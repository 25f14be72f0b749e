"""Showing a second factor, for the first time or again; the form that it interrupted is carried through."""

from functools import partial
from http import HTTPStatus

from starlette.responses import RedirectResponse, Response

from desk.console.desks.resume import CARRIED, carried_in, resumed
from desk.console.page import HERE
from desk.console.refused import first, inside
from desk.console.visit import Visit
from desk.identity.limits import address
from desk.identity.sessions import set_cookie
from desk.identity.unproven import UnprovenError
from desk.refusal import ApiCode, ProblemError


def show(visit: Visit) -> Response:
    """The page to show it on."""
    return first(visit, "prove", visit.asked("to") or f"{HERE}/", [])


async def prove(visit: Visit) -> Response:
    """Give the session a new token, and go on to where one was going."""
    desk, said, caller = visit.desk, visit.form, visit.caller
    if caller is None or caller.session is None:
        raise ProblemError(ApiCode.UNAUTHENTICATED, "say_who_you_are")
    to, carried = inside(said.text("to")), carried_in(said.texts(CARRIED))
    work = partial(desk.proving.turn, caller, caller.session, said.text("code"), said.text("password"))
    try:
        begun = await desk.proving.seated(address(visit.request), work)
    except UnprovenError:
        sentence = visit.words.say("refusal.proof_not_accepted")
        return first(visit, "prove", to, carried, status=HTTPStatus.FORBIDDEN, sentence=sentence)
    made = resumed(visit, to, carried, begun.token) if carried else RedirectResponse(to, HTTPStatus.SEE_OTHER)
    set_cookie(made, begun.token)
    return made
