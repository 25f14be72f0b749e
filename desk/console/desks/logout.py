"""Logging out."""

from http import HTTPStatus

from starlette.responses import RedirectResponse, Response

from desk.console.page import HERE
from desk.console.visit import Visit
from desk.identity.sessions import drop_cookie


def log_out(visit: Visit) -> Response:
    """End the session."""
    visit.desk.identities.log_out(visit.request)
    made = RedirectResponse(f"{HERE}/login", HTTPStatus.SEE_OTHER)
    drop_cookie(made)
    return made
