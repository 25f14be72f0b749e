"""A party's cases: reports that its side filed, those against it, and appeals; by agent, creator and stage."""

from enum import StrEnum

from starlette.responses import Response

from desk.console.page import page
from desk.console.visit import Visit
from desk.reading.pulse import stamp
from states.situation import Actor
from states.terms import AGENCY_ROLES, LEADS, Kind, Role, Stage
from store.cursor import MOST
from store.listing import Filter
from store.order import Sort
from store.roster import Wanted


class Tab(StrEnum):
    """Which of the cases."""

    FILED = "filed"
    AGAINST = "against"
    APPEALS = "appeals"


_KINDS = {Tab.FILED: (Kind.REPORT, True), Tab.AGAINST: (Kind.REPORT, False), Tab.APPEALS: (Kind.APPEAL, None)}


def show(visit: Visit) -> Response:
    """The list, with what is left of the quota, and the drafts that the reader keeps."""
    desk, actor = visit.desk, visit.actor
    filing = desk.filings.of(actor)
    tab, asked, cursor = _tab(visit), wanted(visit), visit.asked("cursor")
    kind, filed = _KINDS[tab]
    found = desk.lists.cases(actor, asked, Sort.FILED_LAST, cursor)
    return page(
        visit,
        "reports.html",
        filing=filing,
        names=filing.rules.names(visit.words.language),
        tabs=_tabs(actor),
        tab=tab,
        wanted=asked,
        stages=list(Stage),
        agents=_agents(visit, actor),
        creators=_creators(visit, actor),
        found=found,
        stamp=None if cursor else stamp(*((row["id"], row["version"]) for row in found.rows)),
        drafts=desk.drafts.all(actor, kind) if filed is not False else [],
    )


def wanted(visit: Visit) -> Filter:
    """Which cases are asked for."""
    kind, filed = _KINDS[_tab(visit)]
    stage = next((one for one in Stage if one == visit.asked("stage")), None)
    return Filter(kind, stage, creator=visit.asked("creator"), agent=visit.asked("agent"), filed=filed)


def _tab(visit: Visit) -> Tab:
    tabs = _tabs(visit.actor)
    return next((one for one in tabs if one == visit.asked("tab")), tabs[0])


def _tabs(actor: Actor) -> list[Tab]:
    """Those of the reader: only an agency's people file reports."""
    return list(Tab) if actor.role in AGENCY_ROLES else [Tab.AGAINST, Tab.APPEALS]


def _agents(visit: Visit, actor: Actor) -> list[str]:
    """The agents whose reports the reader could choose."""
    if actor.role not in LEADS:
        return []
    people = visit.desk.parties.people(actor, Wanted(agency=actor.agency), limit=MOST)
    return [row["id"] for row in people.rows if row["role"] == Role.AGENT]


def _creators(visit: Visit, actor: Actor) -> list[str]:
    if actor.role not in AGENCY_ROLES:
        return []
    return [row["id"] for row in visit.desk.parties.creators(actor, limit=MOST).rows]
