"""Refusals of the desk itself, before the engine is asked: authentication, limits, and HTTP.

A refusal is a code and a key; how it reads is `refusal.` and its key in `desk/words/locale/*.po`.
"""

from collections.abc import Mapping
from enum import StrEnum
from http import HTTPStatus

from states.terms import Code, RefusedError
from store.engine import slow


class ApiCode(StrEnum):
    """Codes that only HTTP has, beside the engine's `Code`."""

    UNAUTHENTICATED = "unauthenticated"
    SECOND_FACTOR_REQUIRED = "second_factor_required"
    STEP_UP_REQUIRED = "step_up_required"
    MISDIRECTED = "misdirected"
    TOO_LARGE = "too_large"
    TOO_MANY_REQUESTS = "too_many_requests"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    FAILED = "failed"


# The status of a refused request.
STATUS: dict[Code | ApiCode, HTTPStatus] = {
    Code.INVALID: HTTPStatus.UNPROCESSABLE_ENTITY,
    Code.KEY_REUSED: HTTPStatus.UNPROCESSABLE_ENTITY,
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
    ApiCode.MISDIRECTED: HTTPStatus.MISDIRECTED_REQUEST,
    ApiCode.TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    ApiCode.TOO_MANY_REQUESTS: HTTPStatus.TOO_MANY_REQUESTS,
    ApiCode.METHOD_NOT_ALLOWED: HTTPStatus.METHOD_NOT_ALLOWED,
    ApiCode.FAILED: HTTPStatus.INTERNAL_SERVER_ERROR,
}


class ProblemError(RefusedError):
    """A request is refused before the engine is asked; `headers` are added to the answer."""

    def __init__(
        self,
        code: ApiCode | Code,
        key: str,
        field: str | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        facts: Mapping[str, object] | None = None,
        **values: object,
    ) -> None:
        super().__init__(code, key, field, facts=facts, **values)
        self.headers = dict(headers or {})


def unanswered(error: Exception) -> RefusedError:
    """The refusal where the database is away, or takes too long: `unavailable`, so it can be sent again."""
    return RefusedError(Code.UNAVAILABLE, "database_slow" if slow(error) else "database_away")
