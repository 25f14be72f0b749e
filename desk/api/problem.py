"""Every error as problem details (RFC 9457), with the engine's codes and HTTP's own; `STATUS` maps them to statuses."""

import logging
from http import HTTPStatus
from typing import Any, cast

from fastapi import Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.routing import compile_path
from starlette.types import ASGIApp, Receive, Scope, Send

from desk.api.language import spoken, words_of
from desk.api.rules import OPEN, RULES, V1
from desk.api.shapes.preview import Preview
from desk.api.wording import said
from desk.refusal import STATUS, ApiCode, ProblemError, unanswered
from desk.service import Service
from desk.serving.refuse import Refuse
from desk.words import Words
from states.tables import MOVES
from states.terms import Code, RefusedError
from states.version import VERSION

_log = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"
# `Retry-After` of every 503.
RETRY_SECONDS = 5


class Problem(BaseModel):
    """Problem details. `code` is for machines, `detail` one sentence for people, `field` what of the input is wrong."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(examples=["urn:casework:illegal_move"])
    title: str = Field(examples=["Conflict"])
    status: int = Field(examples=[409])
    detail: str = Field(examples=["“approve” is not possible: the report is queued."])
    code: Code | ApiCode = Field(examples=["illegal_move"])
    field: str | None = Field(default=None, examples=["reasons"])
    allowed: list[str] | None = Field(
        default=None,
        description="Of a refused move: what you could do now, as the case shows it. An `appeal` is no move:"
        " it is filed with `POST /api/v1/appeals`.",
        examples=[["claim"]],
    )
    version: int | None = Field(default=None, description="Of a stale move: the version that the case has now.")
    basis: str | None = Field(default=None, description="Of a stale basis: that of what the move would do now.")
    preview: Preview | None = Field(default=None, description="Of a stale basis: what the move would do now.")
    opens_at: str | None = Field(default=None, description="Of a quota that is used up: when the next month opens.")
    ended_at: str | None = Field(default=None, description="Of a window that is over: when it ended.")


# For these the person's language is not read: the database is away, or they ask too much of it.
_UNREAD = frozenset({Code.UNAVAILABLE, ApiCode.TOO_MANY_REQUESTS})


def _told(request: Request, refused: RefusedError) -> JSONResponse:
    return respond(refused, words_of(request, unread=refused.code in _UNREAD))


def respond(refused: RefusedError, words: Words) -> JSONResponse:
    """The response to a refused request, in its reader's language."""
    code = cast("Code | ApiCode", refused.code)
    more = dict(refused.headers) if isinstance(refused, ProblemError) else {}
    if STATUS[code] is HTTPStatus.SERVICE_UNAVAILABLE:
        more.setdefault("Retry-After", str(RETRY_SECONDS))
    field = refused.field if refused.key != "key_reused" else "Idempotency-Key"
    told = body(code, words.refusal(refused), field) | jsonable_encoder(refused.facts)
    return JSONResponse(told, STATUS[code].value, {**more, **spoken(words)}, MEDIA_TYPE)


def body(code: Code | ApiCode, detail: str, field: str | None = None) -> dict[str, Any]:
    """The body of a problem."""
    status = STATUS[code]
    told = {"type": f"urn:casework:{code}", "title": status.phrase, "status": status.value, "detail": detail}
    return told | {"code": code.value} | ({"field": field} if field else {})


def refuse(service: Service) -> Refuse:
    """What answers refusals of the middleware: there the person is unknown, and `Accept-Language` decides."""

    def of(refused: ProblemError) -> ASGIApp:
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            language = service.languages.negotiate(Request(scope).headers.get("Accept-Language"))
            await respond(refused, service.languages.words(language))(scope, receive, send)

        return answer

    return of


def of_refusal(request: Request, error: Exception) -> JSONResponse:
    """Handles refusals of the engine and the desk."""
    if not isinstance(error, RefusedError):
        raise error
    return _told(request, error)


def of_input(request: Request, error: Exception) -> JSONResponse:
    """Handles requests that do not fit the route's parameters or body; one fault is told."""
    if not isinstance(error, RequestValidationError):
        raise error
    # An unknown field is told first: a missing one may be this one, mistyped.
    errors = sorted(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
    of_version = request.url.path.startswith(f"{V1}/rulebooks/")
    return _told(request, said(errors[0], VERSION.by_people if of_version else MOVES))


def of_database(request: Request, error: Exception) -> JSONResponse:
    """Handles a database that is away, or takes too long: 503. A write can be sent again under its key."""
    _log.warning("the database can't be asked", exc_info=error)
    return _told(request, unanswered(error))


def of_objects(request: Request, error: Exception) -> JSONResponse:
    """Handles a folder or bucket of evidence or keys that is away: 503. An upload can be sent again under its key."""
    _log.warning("%s", error)
    return _told(request, ProblemError(Code.UNAVAILABLE, getattr(error, "key", "evidence_away")))


_ROUTES = [(compile_path(path)[0], method) for method, path in (*RULES, *OPEN)]
_SENTENCES = {404: "no_resource", 405: "no_method"}
_CODES: dict[int, Code | ApiCode] = {404: Code.NOT_FOUND, 405: ApiCode.METHOD_NOT_ALLOWED, 413: ApiCode.TOO_LARGE}


def of_routing(request: Request, error: Exception) -> JSONResponse:
    """Handles paths and methods that no route has, with `Allow`."""
    if not isinstance(error, HTTPException):
        raise error
    code: Code | ApiCode = _CODES.get(error.status_code, Code.INVALID)
    # Starlette names the methods of the first route with this path; `Allow` must have those of all.
    found = {method for form, method in _ROUTES if form.match(request.url.path)}
    allowed = sorted(found | ({"HEAD"} if "GET" in found else set()))
    headers = {"Allow": ", ".join(allowed)} if code is ApiCode.METHOD_NOT_ALLOWED and allowed else error.headers
    key = _SENTENCES.get(error.status_code, "http")
    return _told(request, ProblemError(code, key, headers=headers, sentence=error.detail))
