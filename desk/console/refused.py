"""A refusal as a page: with its status, its sentence, and all that was typed."""

import re
from collections.abc import Sequence
from contextlib import suppress
from http import HTTPStatus
from urllib.parse import quote

from starlette.responses import RedirectResponse, Response

from desk.console.form import SMALL_FORM, read_form
from desk.console.page import HERE, page
from desk.console.visit import Visit
from desk.identity.client import Client
from desk.refusal import STATUS, ApiCode, ProblemError
from states.terms import Code, RefusedError

_RETRY_SECONDS = "5"
# A path below the console's, with its query; no browser reads a backslash or a control character in it as another host.
_INSIDE = re.compile(rf"{HERE}/[^\\\x00-\x1f\x7f]*")


async def page_of(visit: Visit, error: RefusedError, most: int = SMALL_FORM, *, files: bool = False) -> Response:
    """The page of a refusal that no form of its page could show.

    Who must log in or show a second factor first is led there; what they had sent goes with them, of at most so many
    bytes, without its `files`.
    """
    if error.code is ApiCode.UNAUTHENTICATED:
        return await _first(visit, "login", error, most, files=files)
    if error.code in {ApiCode.SECOND_FACTOR_REQUIRED, ApiCode.STEP_UP_REQUIRED}:
        return await _first(visit, "prove", error, most, files=files)
    status = STATUS[error.code]  # type: ignore[index]  # a code of the engine's or the API's
    made = page(visit, "refused.html", status=status.value, error=error, sentence=visit.words.refusal(error))
    made.headers.update(error.headers if isinstance(error, ProblemError) else {})
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        made.headers["Retry-After"] = _RETRY_SECONDS
    return made


async def _first(visit: Visit, template: str, error: RefusedError, most: int, *, files: bool) -> Response:
    request = visit.request
    if request.method != "POST":
        return RedirectResponse(f"{HERE}/{template}?to={quote(visit.path)}", HTTPStatus.SEE_OTHER)
    # Only what our own page sent is carried on.
    if not visit.desk.identities.sessions.from_here(request):
        error = ProblemError(Code.FORBIDDEN, "not_from_our_pages", header="Origin")
        return page(visit, "refused.html", status=403, error=error, sentence=visit.words.refusal(error))
    if not visit.form.fields:
        with suppress(ProblemError):
            visit.form = await read_form(request, most, files=files)
    status = STATUS[error.code]  # type: ignore[index]  # a code of HTTP's
    sentence = visit.words.refusal(error)
    return first(visit, template, visit.path, visit.form.carried(), status=status.value, sentence=sentence)


def first(
    visit: Visit,
    template: str,
    to: str,
    carried: Sequence[tuple[str, str]],
    *,
    status: int = 200,
    sentence: str = "",
    left: Sequence[Client] = (),
) -> Response:
    """The page `login` or `prove`, which comes before the page `to`, and carries the fields that were sent to it.

    `left`: the providers at which one may log out, too.
    """
    arrivals = visit.desk.identities.arrivals
    more = {"providers": list(arrivals.clients.values()) if arrivals is not None else [], "left": left}
    return page(visit, f"{template}.html", status=status, to=inside(to), carried=carried, sentence=sentence, **more)


def inside(to: str | None) -> str:
    """A page of ours that one is led to; any other address is the first page."""
    return to if to and _INSIDE.fullmatch(to) else f"{HERE}/"
