"""What is wrong? Problem details (RFC 9457) with the codes of the engine, and those that only HTTP knows."""

import logging
from collections.abc import Mapping
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from desk.api.rules import OPEN, RULES
from desk.api.wording import said
from states.terms import Code, RefusedError

_log = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"
# A command is wanted for so long; then the same key can be sent again.
RETRY_SECONDS = 5


class ApiCode(StrEnum):
    """Why HTTP itself refuses, before the engine is asked."""

    UNAUTHENTICATED = "unauthenticated"
    SECOND_FACTOR_REQUIRED = "second_factor_required"
    STEP_UP_REQUIRED = "step_up_required"
    KEY_REUSED = "key_reused"
    MISDIRECTED = "misdirected"
    TOO_LARGE = "too_large"
    TOO_MANY_REQUESTS = "too_many_requests"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    FAILED = "failed"


STATUS: dict[Code | ApiCode, HTTPStatus] = {
    Code.INVALID: HTTPStatus.UNPROCESSABLE_ENTITY,
    Code.NOT_FOUND: HTTPStatus.NOT_FOUND,
    Code.STALE: HTTPStatus.PRECONDITION_FAILED,
    Code.ALREADY_CLAIMED: HTTPStatus.CONFLICT,
    Code.NOT_CLAIMED_BY_YOU: HTTPStatus.CONFLICT,
    Code.ILLEGAL_MOVE: HTTPStatus.CONFLICT,
    Code.SAME_PERSON: HTTPStatus.FORBIDDEN,
    Code.FORBIDDEN: HTTPStatus.FORBIDDEN,
    Code.CONFLICT_OF_INTEREST: HTTPStatus.FORBIDDEN,
    Code.ALREADY_APPEALED: HTTPStatus.CONFLICT,
    Code.APPEAL_EXPIRED: HTTPStatus.CONFLICT,
    Code.APPEAL_NOT_ELIGIBLE: HTTPStatus.CONFLICT,
    Code.QUOTA_EXHAUSTED: HTTPStatus.CONFLICT,
    Code.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    ApiCode.UNAUTHENTICATED: HTTPStatus.UNAUTHORIZED,
    ApiCode.SECOND_FACTOR_REQUIRED: HTTPStatus.FORBIDDEN,
    ApiCode.STEP_UP_REQUIRED: HTTPStatus.FORBIDDEN,
    ApiCode.KEY_REUSED: HTTPStatus.UNPROCESSABLE_ENTITY,
    ApiCode.MISDIRECTED: HTTPStatus.MISDIRECTED_REQUEST,
    ApiCode.TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    ApiCode.TOO_MANY_REQUESTS: HTTPStatus.TOO_MANY_REQUESTS,
    ApiCode.METHOD_NOT_ALLOWED: HTTPStatus.METHOD_NOT_ALLOWED,
    ApiCode.FAILED: HTTPStatus.INTERNAL_SERVER_ERROR,
}


class Problem(BaseModel):
    """Problem details. `code` is for machines, `detail` one sentence for people, `field` what of the input is wrong."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(examples=["urn:casework:illegal_move"])
    title: str = Field(examples=["Conflict"])
    status: int = Field(examples=[409])
    detail: str = Field(examples=["`approve` is not possible: the report is queued."])
    code: Code | ApiCode = Field(examples=["illegal_move"])
    field: str | None = Field(default=None, examples=["reasons"])
    allowed: list[str] | None = Field(
        default=None,
        description="Of a refused move: what you could do now, as the case shows it. An `appeal` is no move:"
        " it is filed with `POST /api/v1/appeals`.",
        examples=[["claim"]],
    )
    version: int | None = Field(default=None, description="Of a stale move: the version that the case has now.")
    opens_at: str | None = Field(default=None, description="Of a quota that is used up: when the next month opens.")
    ended_at: str | None = Field(default=None, description="Of a window that is over: when it ended.")


class ProblemError(Exception):
    """A request is refused by HTTP itself; the engine was not asked."""

    def __init__(
        self, code: ApiCode | Code, detail: str, field: str | None = None, *, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.field = field
        self.headers = dict(headers or {})


def respond(
    code: Code | ApiCode,
    detail: str,
    field: str | None = None,
    *,
    facts: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """The answer to a request that was refused; `facts` are what the caller can go on with."""
    status = STATUS[code]
    more = dict(headers or {})
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        more.setdefault("Retry-After", str(RETRY_SECONDS))
    return JSONResponse(body(code, detail, field) | dict(facts or {}), status.value, more, MEDIA_TYPE)


def body(code: Code | ApiCode, detail: str, field: str | None = None) -> dict[str, Any]:
    """The problem itself."""
    status = STATUS[code]
    told = {"type": f"urn:casework:{code}", "title": status.phrase, "status": status.value, "detail": detail}
    return told | {"code": code.value} | ({"field": field} if field else {})


def of_engine(_: Request, error: Exception) -> JSONResponse:
    """What the engine refused."""
    if not isinstance(error, RefusedError):
        raise error
    if error.code is Code.INVALID and error.field == "key":
        return respond(ApiCode.KEY_REUSED, "Something else was asked under this key.", "Idempotency-Key")
    return respond(error.code, error.reason, error.field, facts=error.facts)


def of_http(_: Request, error: Exception) -> JSONResponse:
    """What HTTP refused."""
    if not isinstance(error, ProblemError):
        raise error
    return respond(error.code, error.detail, error.field, headers=error.headers)


def of_input(_: Request, error: Exception) -> JSONResponse:
    """What can't be read as the resource asks for."""
    if not isinstance(error, RequestValidationError):
        raise error
    # A field that is not known is told first: it may be the mistyped name of one that is missing.
    errors = sorted(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
    return respond(Code.INVALID, *said(errors[0]))


def of_database(_: Request, error: Exception) -> JSONResponse:
    """What the database could not answer: it is away, or too busy. Under its key a write can be sent again."""
    _log.warning("the database can't be asked: %s", type(error).__name__)
    return respond(Code.UNAVAILABLE, "The database can't be reached; send it again.")


_ROUTES = [(compile_path(path)[0], method) for method, path in (*RULES, *OPEN)]
_CODES: dict[int, Code | ApiCode] = {404: Code.NOT_FOUND, 405: ApiCode.METHOD_NOT_ALLOWED, 413: ApiCode.TOO_LARGE}


def of_routing(request: Request, error: Exception) -> JSONResponse:
    """What no resource is asked for."""
    if not isinstance(error, HTTPException):
        raise error
    code: Code | ApiCode = _CODES.get(error.status_code, Code.INVALID)
    # What is known of the path is known of all its methods, not only of the first that was looked at.
    allowed = sorted({method for form, method in _ROUTES if form.match(request.url.path)})
    headers = {"Allow": ", ".join(allowed)} if code is ApiCode.METHOD_NOT_ALLOWED and allowed else error.headers
    return respond(code, f"{error.detail}.", headers=headers)


def of_failure(_: Request, _error: Exception) -> JSONResponse:
    """What nobody expected; the log has it."""
    return respond(ApiCode.FAILED, "Something failed here. It has been noted; send it again under the same key.")
