"""The page of keys: all that the reader's pages have, what they do, and how they are turned off."""

from starlette.responses import Response

from desk.console.keys import keys_of
from desk.console.page import page
from desk.console.visit import Visit


def show(visit: Visit) -> Response:
    """All keys."""
    return page(visit, "keys.html", groups=keys_of(visit.actor.role))
