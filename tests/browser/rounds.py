"""Which pages has somebody of each role, in the year that the demo plays? All that the console's rules let them open."""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any, NamedTuple

from desk.console.routes import RULES, Rule
from desk.reading.lists import Lists
from states.situation import Actor
from states.terms import OVERSEERS, Kind, Role
from store import listing, party, rulebook
from store.cursor import MOST
from store.order import Sort
from workers.reach import House

AGENCY = "lotus"
# Somebody of each role, and whose score they look at.
WHO = {
    Role.MODERATOR: ("mia", AGENCY),
    Role.SENIOR_MODERATOR: ("sam", "kim"),
    Role.OWNER: ("ann", AGENCY),
    Role.AGENT: ("bob", "kim"),
    Role.CREATOR: ("kim", "kim"),
    Role.POLICY_EDITOR: ("eva", AGENCY),
    Role.POLICY_APPROVER: ("paul", AGENCY),
    Role.OPS: ("oli", AGENCY),
    Role.AUDITOR: ("ada", AGENCY),
}
# Addresses without a page of their own, and those that lead to another page.
NO_PAGES = {"/", "/score", "/figures", "/figures/{month}/csv", "/cases/{case}/evidence/{file}", "/cases/{case}/receipt"}
# What is asked of a page that shows nothing unasked.
ASKED = {"/search": "?q=lotus", "/rules": "?key=review", "/rules/explained": "?key=appeals"}


class Look(NamedTuple):
    """A page as somebody sees it; nobody is logged in where `person` is None."""

    name: str
    person: str | None
    path: str


def looks(house: House) -> Iterator[Look]:
    """Every page of everybody; a case's at each station at which they see one."""
    yield Look("nobody-login", None, "/login")
    for role, (person, subject) in WHO.items():
        stations = _stations(house, person)
        month, version = f"{house.clock.now():%Y-%m}", _newest(house)
        parts = {"subject": subject, "person": person, "month": month, "version": version}
        for rule in RULES:
            if rule.method == "GET" and not rule.pulse and rule.path not in NO_PAGES and role in (rule.roles or ()):
                yield from _of(rule, role, person, parts, stations)


def _of(
    rule: Rule, role: Role, person: str, parts: Mapping[str, str], stations: Mapping[str, Mapping[str, Any]]
) -> Iterator[Look]:
    named = f"{role}{rule.path.replace('/', '-').replace('{', '').replace('}', '')}"
    if "{case}" in rule.path:
        for station, case in stations.items():
            if rule.path != "/cases/{case}" or role not in OVERSEERS:  # who are led to its life
                yield Look(f"{named}-{station}", person, rule.path.format(case=case["id"]))
    elif "{month}" in rule.path and parts["subject"] != AGENCY:
        return  # it is an agency's, and they look at a creator
    elif rule.path == "/appeals/new":
        if "report-open" in stations:
            yield Look(named, person, f"{rule.path}?of={stations['report-open']['id']}")
    else:
        yield Look(named, person, rule.path.format(**parts))
        if more := ASKED.get(rule.path):
            yield Look(f"{named}-asked", person, rule.path + more)


def _stations(house: House, person: str) -> dict[str, Mapping[str, Any]]:
    """The newest case of each kind, and of each status and outcome, that somebody sees; of what is claimed, their own."""
    lists, actor = Lists(house.engine, house.clock.now), _actor(house, person)
    found: dict[str, Mapping[str, Any]] = {}
    for kind, still in product(Kind, (True, False)):
        wanted = listing.Filter(kind=kind, open=still)
        for row in lists.cases(actor, wanted, Sort.FILED_LAST, limit=MOST).rows:
            station = f"{kind}-{row['outcome'] or row['status']}"
            if station not in found or row.get("claimed_by") == person:
                found[station] = row
    return found


def _newest(house: House) -> str:
    """The version that moved last: the year ends with a proposal."""
    with house.engine.connect() as connection:
        return rulebook.history(connection)[0].digest


def _actor(house: House, person: str) -> Actor:
    with house.engine.connect() as connection:
        found = party.actor(connection, person)
    if found is None:
        raise LookupError(person)
    return found
