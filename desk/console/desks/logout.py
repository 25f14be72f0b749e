"""Logging out."""

from http import HTTPStatus

from starlette.responses import RedirectResponse, Response

from desk.console.page import HERE
from desk.console.visit import Visit
from desk.identity.sessions import drop_cookie


def log_out(visit: Visit) -> Response:
    """End the session; the provider's, where there is one, is ended there."""
    visit.desk.identities.log_out(visit.request)
    left = "?left=yes" if visit.desk.identities.arrivals is not None else ""
    made = RedirectResponse(f"{HERE}/login{left}", HTTPStatus.SEE_OTHER)
    drop_cookie(made)
    return made
