"""The order of a request: who asks, whether they may, and only then what the body says."""

from collections.abc import Callable, Coroutine
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from desk.api.admission import admit
from desk.api.rules import OPEN, RULES, SMALL
from desk.api.strict import parsed
from desk.identity.limits import address
from desk.refusal import ApiCode, ProblemError
from desk.service import service
from desk.serving.deadline import put_off

# Larger bodies are parsed in a thread.
_ASIDE = 16 * 1024


class Route(APIRoute):
    """A route that reads a body once its caller is admitted, up to its rule's bound, as strict JSON (`strict.py`).

    FastAPI alone reads and parses the body before it asks who calls.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint if iscoroutinefunction(endpoint) else _in_thread(endpoint), **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()

        async def in_order(request: Request) -> Response:
            asked = (request.method, self.path)
            if asked in OPEN:
                service(request).limits.count_stranger(address(request))
            else:
                await run_in_threadpool(admit, request)
                if asked in RULES and (within := RULES[asked].within) is not None:
                    put_off(request.scope, within)
            if self.body_field is None:
                return await answer(request)
            return await answer(await _read(request, RULES[asked].body if asked in RULES else SMALL))

        return in_order


def _in_thread(endpoint: Callable[..., Any]) -> Callable[..., Coroutine[Any, Any, Any]]:
    """A synchronous endpoint, run in a thread; FastAPI goes to a thread once more for every answer of such a one."""

    @wraps(endpoint)
    async def answered(**said: Any) -> Any:
        return await run_in_threadpool(endpoint, **said)

    return answered


class _Read(Request):
    """A request of which the body has been read."""

    def __init__(self, request: Request, body: bytes, said: Any) -> None:
        super().__init__(request.scope, request.receive)
        self._whole = body
        self._said = said

    async def body(self) -> bytes:
        return self._whole

    async def json(self) -> Any:
        return self._said


async def _read(request: Request, most: int) -> Request:
    """The request with its body.

    Raises:
        ProblemError: `too_large`: it has more than `most` bytes; `invalid`: it is no JSON.
        HTTPException: the client has gone.
    """
    too_large = ProblemError(ApiCode.TOO_LARGE, "too_large", most=most)
    length = request.headers.get("Content-Length", "0")
    if not length.isdigit() or int(length) > most:
        raise too_large
    body = bytearray()
    try:
        async for part in request.stream():
            body += part
            if len(body) > most:
                raise too_large
    except ClientDisconnect:
        raise HTTPException(400, "The client has gone") from None
    whole = bytes(body)
    if not whole or not _is_json(request):
        return _Read(request, whole, None)
    said = await run_in_threadpool(parsed, whole, most) if len(whole) > _ASIDE else parsed(whole, most)
    return _Read(request, whole, said)


def _is_json(request: Request) -> bool:
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))
