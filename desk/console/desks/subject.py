"""An agency's or a creator's score: how far it is from a line, how it went, what is in force and what is open."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from itertools import groupby
from operator import itemgetter
from typing import Any
from urllib.parse import quote

from starlette.responses import RedirectResponse, Response

from desk.console.desks.ledger import contestable, told
from desk.console.drawings import gauge_of, strip_of
from desk.console.page import HERE, page
from desk.console.times import Times
from desk.console.visit import Visit
from desk.reading.subject import Account


def lead(visit: Visit) -> Response:
    """Lead to the own score: an agency's people to the agency's, a creator to theirs."""
    own = visit.actor.agency or visit.actor.id
    return RedirectResponse(f"{HERE}/subjects/{quote(own, safe='')}", HTTPStatus.SEE_OTHER)


def show(visit: Visit) -> Response:
    """The score, as far as the reader sees it."""
    name = visit.named("subject")
    stamp = visit.desk.pulses.subject(visit.actor, name)  # before: what moves meanwhile is news
    found = visit.desk.overviews.subject(visit.actor, name)
    visit = visit.in_zone_of(found.rules.zone)
    return page(
        visit,
        "subject.html",
        name=name,
        kind=found.subject.kind,
        scored=found.account is not None,
        overview=found,
        stamp=stamp,
        names=found.rules.names(visit.words.language),
        **(_scored(visit, name, found.account) if found.account else {}),
    )


def _scored(visit: Visit, name: str, account: Account) -> dict[str, Any]:
    """What whoever sees the score is shown of it."""
    course = visit.desk.courses.of(visit.actor, name)
    return {
        "course": course,
        "gauge": gauge_of(course, visit.words),
        "strip": strip_of(course, visit.words, Times(visit.words, visit.now)),
        "in_force": _together(account.sheet.penalties),
        "counted": _together(account.sheet.counted),
        "what": told(visit, account.ledger.rules),
        "contestable": contestable(visit, account.ledger.lines),
    }


def _together(penalties: Iterable[Mapping[str, Any]]) -> list[tuple[Mapping[str, Any], int]]:
    """Of penalties with the same key the one that ends last, and how many they are; what ends first comes first."""
    alike = groupby(sorted(penalties, key=itemgetter("key")), key=itemgetter("key"))
    last = [(max(found, key=_end), len(found)) for found in ([*one] for _, one in alike)]
    return sorted(last, key=lambda one: _end(one[0]))


def _end(penalty: Mapping[str, Any]) -> tuple[bool, Any]:
    ends = penalty["ends_at"]
    return (True, penalty["starts_at"]) if ends is None else (False, ends)
