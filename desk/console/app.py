"""The application under `/console`: its routes, and refusals as pages.

Who asks is decided before a form is read, as in the API; the CSRF token of a change is in its form.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from inspect import iscoroutinefunction

from sqlalchemy.exc import DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from desk.console import assets, refused
from desk.console.form import TOKEN, read_form
from desk.console.headers import Headers
from desk.console.routes import RULES, Rule
from desk.console.visit import Visit, visit_of
from desk.console.words import spoken
from desk.evidence.keep import COMES_WITHIN
from desk.identity.caller import Caller
from desk.identity.fresh import must_have_shown
from desk.identity.limits import address
from desk.identity.sessions import must_be_meant
from desk.refusal import ApiCode, ProblemError, unanswered
from desk.service import Service
from desk.serving.deadline import put_off
from desk.serving.failures import Failures
from desk.serving.refuse import Refuse
from desk.words import Languages
from states.terms import TOLD, Code, RefusedError
from store.bucket import AwayError

_log = logging.getLogger(__name__)
_AWAY = (OperationalError, InterfaceError, DisconnectionError, PoolTimeoutError)
_Answer = Callable[[Request], Awaitable[Response]]


def create_console(service: Service, languages: Languages | None = None) -> Starlette:
    """The console over a running engine."""
    console = Starlette(
        routes=[
            *(Route(rule.path, _answering(rule), methods=[rule.method]) for rule in RULES),
            Route("/assets/{hash}/{name}", assets.give),
        ],
        middleware=[Middleware(Headers)],
        exception_handlers={HTTPException: _not_there},
    )
    console.router.redirect_slashes = False
    # Within what Starlette itself has around an application, which would answer with no page.
    console.add_middleware(Failures, refuse=refuse(console), key="page_failed")
    console.state.service = service
    console.state.languages = languages or spoken()
    return console


def _answering(rule: Rule) -> _Answer:
    """The endpoint of a rule: who asks, whether they may, what they say; then the page."""

    async def answer(request: Request) -> Response:
        desk: Service = request.app.state.service
        visit = Visit.unknown(request, desk, request.app.state.languages)
        try:
            visit = await run_in_threadpool(_known, rule, request)
            _must_be_admitted(rule, visit.caller)
            if request.method == "POST":
                if rule.files is not None:
                    put_off(request.scope, COMES_WITHIN)
                bring = rule.files(visit) if rule.files is not None else None
                visit.form = await read_form(request, rule.body, files=bring is not None, bring=bring)
                if visit.caller is not None:
                    must_be_meant(desk.identities.sessions.cookies(request)[0], visit.form.text(TOKEN) or "")
            return await _asked(rule, visit)
        except RefusedError as error:
            return await refused.page_of(visit, error, rule.body, files=rule.files is not None)
        except _AWAY as error:
            _log.warning("the database can't be asked", exc_info=error)
            return await refused.page_of(visit, unanswered(error), rule.body, files=rule.files is not None)
        except AwayError as error:
            _log.warning("%s", error)
            return await refused.page_of(visit, ProblemError(Code.UNAVAILABLE, error.key))

    return answer


def _known(rule: Rule, request: Request) -> Visit:
    """The visit of whoever asks; of a page for everybody nobody's.

    Raises:
        ProblemError: `unauthenticated`, `too_many_requests`; `forbidden`: the form is another site's.
    """
    desk: Service = request.app.state.service
    caller = _caller(rule, request, desk)
    if rule.pulse:  # which most often has nothing to say: how its reader reads is asked where it has
        return replace(Visit.unknown(request, desk, request.app.state.languages), caller=caller)
    return visit_of(request, desk, request.app.state.languages, caller)


def _caller(rule: Rule, request: Request, desk: Service) -> Caller | None:
    if rule.roles is None:
        desk.limits.count_stranger(address(request))
        return None
    try:
        caller = desk.identities.in_browser(request, touch=not rule.pulse)
    except ProblemError as error:
        if error.code is ApiCode.UNAUTHENTICATED:
            desk.limits.count_stranger(address(request))
        raise
    # Of a name, which is one line, no other is made by this.
    desk.limits.count(f"pulse\n{caller.actor.id}" if rule.pulse else caller.actor.id)
    return caller


def _must_be_admitted(rule: Rule, caller: Caller | None) -> None:
    """Hold a caller against the rule.

    Raises:
        ProblemError: `forbidden`, `second_factor_required`.
    """
    if rule.roles is None or caller is None:
        return
    if caller.actor.role not in rule.roles:
        raise ProblemError(Code.FORBIDDEN, "not_yours")
    if not rule.unproven:
        must_have_shown(caller)


async def _asked(rule: Rule, visit: Visit) -> Response:
    if iscoroutinefunction(rule.answer):
        found: Response = await rule.answer(visit)
        return found
    return await run_in_threadpool(_shown, rule, visit)


def _shown(rule: Rule, visit: Visit) -> Response:
    if visit.caller is not None and visit.actor.role in TOLD and not rule.pulse:
        visit.unread = visit.desk.pulses.unread(visit.actor)
    made: Response = rule.answer(visit)
    return made


async def _not_there(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    visit = Visit.unknown(request, request.app.state.service, request.app.state.languages)
    code = ApiCode.METHOD_NOT_ALLOWED if error.status_code == 405 else Code.NOT_FOUND
    key = "no_method" if error.status_code == 405 else "no_resource"
    return await refused.page_of(visit, ProblemError(code, key, headers=error.headers))


def refuse(console: Starlette) -> Refuse:
    """What answers refusals of the middleware around the console."""

    def of(error: ProblemError) -> ASGIApp:
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            visit = Visit.unknown(Request(scope), console.state.service, console.state.languages)
            await (await refused.page_of(visit, error))(scope, receive, send)

        return Headers(answer)

    return of
