"""Who gets a case's notices? Those of a side who see the case; and of them, those who may read the score.

An agency's notices are read by its owner and leads. An agent has notices of the cases that this agent sees: filed by
the agent, against the agent, or about the agent's creators (`states/sight.py`). The platform hears by webhooks what
becomes of the violations that it sent; by notice it is only asked.
"""

from activities.move.work import Work
from states.condition import Facts
from states.sight import FACTS, Resource, stands
from states.situation import Actor
from states.terms import Role, Side
from store import party
from store.case import Case


def of_side(work: Work, case: Case, side: Side) -> list[Actor]:
    """The recipients of a side, each as who reads their notices: an agency as its owner does."""
    report = work.report_of(case) or case
    readers = _filers(case, report) if side is Side.REPORTER else _charged(case)
    return [*readers, *_agents(work, case, report, side)]


def of_score(work: Work, case: Case, readers: list[Actor]) -> list[Actor]:
    """Those of the respondent's side who may read the score: the subject, and the agency and agent who manage it."""
    if case.agency is None or case.agency == case.subject:
        return [reader for reader in readers if reader.id == case.subject]
    managing = party.management(work.connection, case.subject, work.at)
    return [reader for reader in readers if reader.id in {case.subject, managing.agency, managing.agent}]


def _filers(case: Case, report: Case) -> list[Actor]:
    if report.filed_agency is not None:
        return [agency(report.filed_agency)]
    asked = case.asked is Side.REPORTER and report.filed_role is Role.PLATFORM
    return [Actor(report.filed_by, Role.PLATFORM)] if asked else []


def _charged(case: Case) -> list[Actor]:
    creator = [] if case.subject == case.agency else [Actor(case.subject, Role.CREATOR)]
    return [*creator, *([agency(case.agency)] if case.agency else [])]


def agency(name: str) -> Actor:
    """An agency, as whose notices its owner and leads read."""
    return Actor(name, Role.OWNER, name)


def _agents(work: Work, case: Case, report: Case, side: Side) -> list[Actor]:
    """The agents who see the case from the side."""
    manager = _manager(work, case) if side is Side.RESPONDENT else None
    named = {case.respondent, case.agent, manager} - {case.subject, case.agency}
    named |= {one.filed_by for one in (case, report) if one.filed_role is Role.AGENT}
    facts = _facts(case, report, manager)
    found = (party.actor(work.connection, name) for name in sorted(name for name in named if name))
    return [one for one in found if one is not None and one.role is Role.AGENT and stands(one, facts) is side]


def _manager(work: Work, case: Case) -> str | None:
    """The agent who manages the creator now."""
    return None if case.subject == case.agency else party.management(work.connection, case.subject, work.at).agent


def _facts(case: Case, report: Case, manager: str | None) -> Facts:
    """What the rules of sight look at, of a case that may have no row yet."""
    known = {"manager": manager, "reporter": report.filed_by}
    return {name: known[name] if name in known else getattr(case, name) for name in FACTS[Resource.CASE]}
