"""Has something moved since a page was shown? The page itself asks, again and again; most often nothing has."""

from http import HTTPStatus

from starlette.responses import Response

from desk.console.desks import reports
from desk.console.desks.queue import glance
from desk.console.kept import filter_of
from desk.console.page import moved
from desk.console.visit import Visit
from desk.reading.lists import PAGE


def of_case(visit: Visit) -> Response:
    """The bar that says what moved the case, and who; nothing where it is as it was."""
    pulse = visit.desk.pulses.case(visit.actor, visit.named("case"))
    if str(pulse.version) == visit.asked("version"):
        return Response(status_code=HTTPStatus.NO_CONTENT)
    return moved(visit, pulse=pulse)


def of_subject(visit: Visit) -> Response:
    """The same of a score: whether its page would show other lines, penalties or cases."""
    if visit.desk.pulses.subject(visit.actor, visit.named("subject")) == visit.asked("stamp"):
        return Response(status_code=HTTPStatus.NO_CONTENT)
    return moved(visit, pulse=None, about="score")


def of_version(visit: Visit) -> Response:
    """The same of a version of the rulebook: whether it, or its wave, has moved."""
    if str(visit.desk.pulses.version(visit.actor, visit.named("version"))) == visit.asked("moves"):
        return Response(status_code=HTTPStatus.NO_CONTENT)
    return moved(visit, pulse=None, about="version")


def of_reports(visit: Visit) -> Response:
    """The same of a party's list of cases: whether its first page is another one."""
    if visit.desk.pulses.cases(visit.actor, reports.wanted(visit), PAGE) == visit.asked("stamp"):
        return Response(status_code=HTTPStatus.NO_CONTENT)
    return moved(visit, pulse=None)


def of_list(visit: Visit) -> Response:
    """The same of a list of reviewers."""
    said = filter_of(visit.request)
    then = said.pop("stamp", [""])[-1]
    if glance(visit, visit.request.url.path.split("/")[-2], said) == then:
        return Response(status_code=HTTPStatus.NO_CONTENT)
    return moved(visit, pulse=None)
