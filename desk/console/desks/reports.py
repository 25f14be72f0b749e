"""A party's cases: reports that its side filed, those against it, and appeals; by agent, creator and stage."""

from enum import StrEnum

from starlette.responses import Response

from desk.console.page import page
from desk.console.visit import Visit
from states.situation import Actor
from states.terms import LEADS, PARTIES, Kind, Role, Stage
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
    tabs = list(Tab) if filing.quota else [Tab.AGAINST, Tab.APPEALS]
    tab = next((one for one in tabs if one == visit.asked("tab")), tabs[0])
    kind, filed = _KINDS[tab]
    stage = next((one for one in Stage if one == visit.asked("stage")), None)
    wanted = Filter(kind, stage, creator=visit.asked("creator"), agent=visit.asked("agent"), filed=filed)
    found = desk.lists.cases(actor, wanted, Sort.FILED_LAST, visit.asked("cursor"))
    return page(
        visit,
        "reports.html",
        filing=filing,
        names=filing.rules.names(visit.words.language),
        tabs=tabs,
        tab=tab,
        wanted=wanted,
        stages=list(Stage),
        agents=_agents(visit, actor),
        creators=_creators(visit, actor),
        found=found,
        drafts=desk.drafts.all(actor, kind) if filed is not False else [],
    )


def _agents(visit: Visit, actor: Actor) -> list[str]:
    """The agents whose reports the reader could choose."""
    if actor.role not in LEADS:
        return []
    people = visit.desk.parties.people(actor, Wanted(agency=actor.agency), limit=MOST)
    return [row["id"] for row in people.rows if row["role"] == Role.AGENT]


def _creators(visit: Visit, actor: Actor) -> list[str]:
    if actor.role not in PARTIES - {Role.CREATOR}:
        return []
    return [row["id"] for row in visit.desk.parties.creators(actor, limit=MOST).rows]
