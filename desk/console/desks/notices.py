"""What somebody was told, the newest first, and what of it is new since they last looked."""

from http import HTTPStatus

from starlette.responses import Response

from desk.console.page import moved, page
from desk.console.visit import Visit


def show(visit: Visit) -> Response:
    """A page of notices; those on it are read from now on."""
    desk, actor = visit.desk, visit.actor
    found = desk.notices.page(actor, visit.words, visit.asked("cursor"))
    before = desk.notices.read(actor, max((row["at"] for row in found.rows), default=None))
    return page(visit, "notices.html", found=found, before=before)


def pulse(visit: Visit) -> Response:
    """The bar that says that others came; nothing where none did."""
    if not visit.desk.notices.unread(visit.actor):
        return Response(status_code=HTTPStatus.NO_CONTENT)
    return moved(visit, pulse=None)
