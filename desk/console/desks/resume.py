"""A form that was interrupted by a login or a second factor: shown again, with all that was typed, to be sent."""

from collections.abc import Sequence
from enum import StrEnum
from http import HTTPStatus
from urllib.parse import unquote_plus

from starlette.responses import RedirectResponse, Response

from desk.console.form import TOKEN
from desk.console.page import page
from desk.console.refused import first, inside
from desk.console.visit import Visit
from desk.identity.fresh import must_have_shown
from desk.identity.sessions import csrf_token
from desk.refusal import ApiCode, ProblemError
from states.terms import Code

CARRIED = "carried"
# What comes first for whom a refusal says so: the page, and its status.
_FIRST: dict[StrEnum, tuple[str, HTTPStatus]] = {
    ApiCode.UNAUTHENTICATED: ("login", HTTPStatus.UNAUTHORIZED),
    ApiCode.SECOND_FACTOR_REQUIRED: ("prove", HTTPStatus.FORBIDDEN),
}


def carried_in(said: Sequence[str]) -> list[tuple[str, str]]:
    """The fields that a page carried, each written as a query of one field: there are no more than the form had."""
    pairs = [one.partition("=") for one in said]
    return [(unquote_plus(name), unquote_plus(value)) for name, _, value in pairs if unquote_plus(name) != TOKEN]


def resumed(visit: Visit, to: str, carried: Sequence[tuple[str, str]], token: str) -> Response:
    """The page on which the form is sent at last, under the session's new token."""
    return page(visit, "resume.html", to=to, fields=carried, token=csrf_token(token))


def back(visit: Visit) -> Response:
    """What somebody sees who logged in at a provider beside the page that keeps what they typed."""
    return page(visit, "beside.html")


def go_on(visit: Visit) -> Response:
    """Show the form again, once its sender has logged in beside the page that kept it; until then keep it."""
    sessions, said = visit.desk.identities.sessions, visit.form
    if not sessions.from_here(visit.request):
        raise ProblemError(Code.FORBIDDEN, "log_in_on_our_pages")
    to, carried = inside(said.text("to")), carried_in(said.texts(CARRIED))
    try:
        caller = visit.desk.identities.in_browser(visit.request)
        must_have_shown(caller)
    except ProblemError as why:
        if why.code not in _FIRST:
            raise
        template, status = _FIRST[why.code]
        return first(visit, template, to, carried, status=status, sentence=visit.words.say("arrival.not_yet"))
    visit.caller = caller
    if not carried:
        return RedirectResponse(to, HTTPStatus.SEE_OTHER)
    return resumed(visit.as_they_read(), to, carried, sessions.cookies(visit.request)[0])
