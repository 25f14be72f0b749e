"""Where a person begins: the first page of their bar."""

from http import HTTPStatus

from starlette.responses import RedirectResponse, Response

from desk.console.navigation import navigation
from desk.console.page import HERE
from desk.console.visit import Visit


def lead(visit: Visit) -> Response:
    """Lead to the first page."""
    return RedirectResponse(HERE + navigation(visit.actor.role)[0].path, HTTPStatus.SEE_OTHER)
