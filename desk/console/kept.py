"""A reviewer's last filter of the queue; kept in a cookie of their browser, so that it stays and `next` goes by it."""

from urllib.parse import parse_qs, urlencode

from starlette.requests import Request
from starlette.responses import Response

COOKIE = "__Host-casework-queue"
_YEAR = 365 * 24 * 3600
_LONGEST = 1_000
# What of a query is no filter.
_PAGING = frozenset({"cursor"})


def filter_of(request: Request) -> dict[str, list[str]]:
    """The fields of the request's query; where it has none, those of the last filter."""
    query = request.url.query or request.cookies.get(COOKIE, "")
    return parse_qs(query[:_LONGEST], keep_blank_values=False)


def kept(request: Request) -> dict[str, list[str]]:
    """The fields of the last filter."""
    return parse_qs(request.cookies.get(COOKIE, "")[:_LONGEST])


def keep(response: Response, said: dict[str, list[str]]) -> None:
    """Keep a filter in the browser for a year."""
    query = urlencode({name: values for name, values in said.items() if name not in _PAGING}, doseq=True)
    response.set_cookie(COOKIE, query, max_age=_YEAR, path="/", secure=True, httponly=True, samesite="lax")
