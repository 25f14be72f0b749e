"""Finding a case, a person or a subject; where there is one only, one is led there."""

from http import HTTPStatus
from urllib.parse import quote

from starlette.responses import RedirectResponse, Response

from desk.console.page import HERE, page
from desk.console.visit import Visit

PLACES = {"case": "cases", "subject": "subjects", "person": "people"}


def find(visit: Visit) -> Response:
    """What is called so."""
    words = visit.asked("q") or ""
    found = visit.desk.search.find(visit.actor, words)
    agents = [row for row in found.by_kind["person"] if row["agency"]]  # of whom one may look for cases, or for acts
    if found.one and not agents:
        kind, name = found.one
        return RedirectResponse(f"{HERE}/{PLACES[kind]}/{quote(name, safe='')}", HTTPStatus.SEE_OTHER)
    return page(visit, "search.html", asked=words, found=found.by_kind, places=PLACES)
