"""A score's ledger: every line with its reason, and the balance after it. It prints as a statement."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from starlette.responses import Response

from desk.console.page import page
from desk.console.times import Times
from desk.console.visit import Visit
from desk.words.ledger import what
from rulebook.calendar import LIFE, PERIOD, period
from rulebook.policy import Policy
from states.appealable import Appealable
from store.cursor import MOST


def told(visit: Visit, rules: Policy) -> Callable[[Mapping[str, Any]], str]:
    """What says of a line what it is about, with names and days as the visitor reads them."""
    words, times = visit.words.naming(rules.names(visit.words.language)), Times(visit.words, visit.now)

    def of(line: Mapping[str, Any]) -> str:
        return what({**line, "day": times.day(line["day"])} if line["day"] else line, words)

    return of


def contestable(visit: Visit, lines: Sequence[Mapping[str, Any]]) -> dict[str, Appealable]:
    """The reports whose verdicts the visitor can appeal now, of lines that wrote a violation which stands."""
    found = {line["case"] for line in lines if line["reason"] == "verdict" and line["stands"]}
    return visit.desk.agencies.contestable(visit.actor, found) if found else {}


def show(visit: Visit) -> Response:
    """The lines of a period, newest first; without one, of the present one."""
    name, cursor = visit.named("subject"), visit.asked("cursor")
    found = visit.desk.sheets.ledger(visit.actor, name, visit.like("period", PERIOD), cursor=cursor, limit=MOST)
    rules, lines, visit = found.rules, found.lines, visit.in_zone_of(found.rules.zone)
    scheme = rules.schemes[found.score.scheme]
    changes = [line["change"] for line in lines]
    return page(
        visit,
        "ledger.html",
        name=name,
        kind=scheme.subject,
        scored=True,
        found=found,
        year=None if found.score.period == LIFE else int(found.score.period),
        current=found.score.period == period(scheme.period, visit.now, rules.zone),
        begins=lines[-1]["balance"] - lines[-1]["change"] if lines and found.next is None else None,
        lost=sum(one for one in changes if one < 0),
        gained=sum(one for one in changes if one > 0),
        what=told(visit, rules),
        contestable=contestable(visit, lines),
    )
