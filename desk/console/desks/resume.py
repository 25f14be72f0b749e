"""A form that was interrupted by a login or a second factor: shown again, with all that was typed, to be sent."""

from collections.abc import Sequence
from urllib.parse import unquote_plus

from starlette.responses import Response

from desk.console.form import TOKEN
from desk.console.page import page
from desk.console.visit import Visit
from desk.identity.sessions import csrf_token

CARRIED = "carried"


def carried_in(said: Sequence[str]) -> list[tuple[str, str]]:
    """The fields that a page carried, each written as a query of one field: there are no more than the form had."""
    pairs = [one.partition("=") for one in said]
    return [(unquote_plus(name), unquote_plus(value)) for name, _, value in pairs if unquote_plus(name) != TOKEN]


def resumed(visit: Visit, to: str, carried: Sequence[tuple[str, str]], token: str) -> Response:
    """The page on which the form is sent at last, under the session's new token."""
    return page(visit, "resume.html", to=to, fields=carried, token=csrf_token(token))
