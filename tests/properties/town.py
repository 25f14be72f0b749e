"""Random towns: agencies, people who come and go, creators who change hands, and who told on whom; all in a database."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

import sqlalchemy as sa
from sqlalchemy import Connection

from rulebook.terms import CreatorClass
from states.condition import Fact
from states.sight import FACTS, Resource
from states.situation import Actor
from states.terms import REVIEWERS, Kind, Role, Side
from store import feed, party
from store.party import Profile
from store.schema.cases import cases, texts
from store.schema.evidence import evidence
from store.schema.identity import api_keys
from store.schema.journal import incidents, notices, records
from store.schema.rulebooks import rulebooks
from store.schema.webhooks import webhooks

DAY = timedelta(days=1)
BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
REGIONS, AGENCIES, CREATORS = ("VN", "DE"), ("lotus", "jade", "iris"), ("kim", "tom", "zoe")
HASH = "0" * 64
Key = str | int


@dataclass
class Town:
    """Who is there, and the facts of every row, by resource and primary key."""

    at: datetime
    people: dict[str, Actor] = field(default_factory=dict)
    regions: dict[str, str] = field(default_factory=dict)
    managed: dict[str, list[tuple[datetime, str | None, str | None]]] = field(default_factory=dict)
    facts: dict[Resource, dict[Key, dict[str, Fact]]] = field(default_factory=lambda: {r: {} for r in Resource})

    def managers(self, creator: str, at: datetime) -> tuple[str | None, str | None]:
        """The agency and the agent who managed the creator at a time."""
        lines = [line for line in self.managed.get(creator, []) if line[0] <= at]
        return max(lines)[1:] if lines else (None, None)


def build(connection: Connection, die: Random) -> Town:
    """A town as chance wants it, written into the transaction."""
    town = Town(BEGIN + die.randint(0, 9) * DAY)
    _settle(connection, town, die)
    for name in die.sample(sorted(town.people), 3):
        _moves(connection, town, name, die)
    connection.execute(sa.insert(rulebooks).values(digest=HASH, key="k", version="1", in_force_from=BEGIN, body={}))
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    connection.execute(sa.insert(texts).values(id="text", sha256=empty, body=""))
    for number in range(die.randint(1, 8)):
        _file(connection, town, die, f"case-{number}")
    for number in range(die.randint(0, 6)):
        _brings(connection, town, die, f"file-{number}")
    for _ in range(die.randint(0, 5)):
        recipient, case = die.choice([*town.people, *AGENCIES]), die.choice(list(town.facts[Resource.CASE]))
        at = BEGIN + die.randint(0, 9) * DAY
        new = sa.insert(notices).values(recipient=recipient, case=case, template="t", values={}, at=at)
        key = connection.execute(new.returning(notices.c.id)).scalar_one()
        town.facts[Resource.NOTICE][key] = {"recipient": recipient, "at": at}
    for name, one in town.people.items():
        town.facts[Resource.PERSON][name] = {"agency": one.agency}
    new = sa.insert(incidents).values(kind="k", facts={}, at=BEGIN).returning(incidents.c.id)
    town.facts[Resource.INCIDENT][connection.execute(new).scalar_one()] = {}
    written = {"number": 1, "topic": "feed", "at": BEGIN, "rows": {}, "previous": HASH, "hash": HASH}
    connection.execute(sa.insert(records).values(written))
    town.facts[Resource.RECORD][1] = {}
    owners: list[str | None] = [*AGENCIES, None]
    for of in owners:
        hook: dict[str, object] = {
            "id": f"hook-{of}",
            "agency": of,
            "url": "https://a.b",
            "secret": "s",
            "events": ["e"],
        }
        connection.execute(sa.insert(webhooks).values(hook | {"created_at": BEGIN, "created_by": "platform"}))
        town.facts[Resource.WEBHOOK][f"hook-{of}"] = {"agency": of}
    for holder in die.sample(sorted(town.people), 4):
        values = {"id": f"key-{holder}", "person": holder, "label": "l", "secret_hash": HASH, "scopes": []}
        when = {"created_at": BEGIN, "created_by": holder, "expires_at": BEGIN + DAY}
        connection.execute(sa.insert(api_keys).values(values | when))
        here = town.people[holder].agency if town.people[holder].since is None else None  # moved after that
        town.facts[Resource.API_KEY][f"key-{holder}"] = {"person": holder, "agency": here}
    return town


def _settle(connection: Connection, town: Town, die: Random) -> None:
    """Agencies with their people, creators who change hands, and staff of some regions."""
    for agency in AGENCIES:
        town.regions[agency] = die.choice(REGIONS)
        feed.agency(connection, agency, town.regions[agency])
        for role in (Role.OWNER, Role.TEAM_LEAD, Role.AGENT, Role.AGENT):
            name = f"{agency}.{role}.{len(town.people)}"
            feed.person(connection, name, role, agency=agency)
            town.people[name] = Actor(name, role, agency)
    for role in Role:
        if role in {Role.OWNER, Role.TEAM_LEAD, Role.AGENT, Role.CREATOR}:
            continue
        for number in range(2 if role in REVIEWERS else 1):
            name = role.value if number == 0 else f"{role}.{number}"
            regions = frozenset(die.sample(REGIONS, die.randint(0, 2)))
            town.people[name] = Actor(name, role, None, regions)
            feed.person(connection, name, role, regions=sorted(regions))
    agents = [person for person in town.people.values() if person.role is Role.AGENT]
    for creator in CREATORS:
        town.regions[creator] = die.choice(REGIONS)
        feed.creator(connection, creator, town.regions[creator], Profile(CreatorClass.STANDARD, 1, 0, 0))
        town.people[creator] = Actor(creator, Role.CREATOR)
        for day in sorted(die.sample(range(10), die.randint(0, 3))):
            one = die.choice(agents)
            line = die.choice([(one.agency, one.id), (one.agency, None), (None, None)])
            town.managed.setdefault(creator, []).append((BEGIN + day * DAY, *line))
            feed.management(connection, creator, *line, BEGIN + day * DAY)
    for subject in (*AGENCIES, *CREATORS):
        now = dict(zip(("agency", "agent"), town.managers(subject, town.at), strict=True))
        own: dict[str, Fact] = {"id": subject, "region": town.regions[subject], **now}
        town.facts[Resource.SUBJECT][subject] = own
        town.facts[Resource.GOVERNED][subject] = {"region": town.regions[subject]}
    for agency in AGENCIES:
        town.facts[Resource.AGENCY][agency] = {"id": agency, "region": town.regions[agency]}


def _moves(connection: Connection, town: Town, name: str, die: Random) -> None:
    """Somebody of an agency goes to another one, as what they were."""
    known = party.person(connection, name)
    if known is not None and known.actor.agency is not None:
        feed.seat(connection, known, known.actor.role, die.choice(AGENCIES), BEGIN + die.randint(1, 9) * DAY)
        moved = party.actor(connection, name)
        assert moved is not None
        town.people[name] = moved


def _file(connection: Connection, town: Town, die: Random, case: str) -> None:
    """A report on an agency, an agent or a creator; or an appeal by either side of one that is there."""
    reports = [f for f in town.facts[Resource.CASE].values() if f["kind"] == Kind.REPORT]
    of = die.choice(reports) if reports and die.random() < 0.5 else None
    filer = die.choice([p for p in town.people.values() if p.agency or p.role in {Role.PLATFORM, Role.CREATOR}])
    agents = [person for person in town.people.values() if person.role is Role.AGENT]
    against = die.choice([*AGENCIES, die.choice(agents).id, *CREATORS])
    agency, agent = town.managers(against, BEGIN + die.randint(0, 9) * DAY)
    if against in AGENCIES:
        agency = against
    elif against not in CREATORS:
        agency, agent = town.people[against].agency, against
    told = {"respondent": against, "agency": agency, "agent": agent, "region": town.regions.get(against, "VN")}
    side = Side.REPORTER if of is None else die.choice(list(Side))
    named = told if of is None else {name: of[name] for name in told}
    own = {"kind": Kind.REPORT if of is None else Kind.APPEAL, "filed_side": side, "filed_by": filer.id}
    # Filed for whom they were with then; a reporter's appeal for whom the report was filed.
    then = of["filed_agency"] if of is not None and side is Side.REPORTER else die.choice(AGENCIES)
    facts: dict[str, Fact] = {**named, **own, "filed_agency": then if filer.agency else None}
    values = dict.fromkeys(("rulebook",), HASH) | facts | {
        "id": case, "status": "closed", "outcome": "moot", "version": 1, "moved_at": BEGIN, "region_source": "declared",
        "filed_role": filer.role, "filed_at": BEGIN, "clause": "c", "occurred_at": BEGIN, "text": "text",
        "subject": facts["respondent"] if facts["respondent"] in town.regions else facts["agency"],
        "of_case": None if of is None else of["id"],
    }  # fmt: skip
    connection.execute(sa.insert(cases).values(values))
    _, manager = town.managers(str(facts["respondent"]), town.at)
    reporter = filer.id if of is None else of["filed_by"]
    town.facts[Resource.CASE][case] = facts | {"id": case, "manager": manager, "reporter": reporter}


def _brings(connection: Connection, town: Town, die: Random, file: str) -> None:
    """A file of either side of a case; an appeal has one side alone. Some wait for a command still."""
    case = die.choice(list(town.facts[Resource.CASE].values()))
    side = case["filed_side"] if case["kind"] == Kind.APPEAL else die.choice(list(Side))
    values = {"id": file, "hash": HASH, "size": 1, "kind": "image/png", "name": "n", "at": BEGIN}
    values |= {"brought_by": die.choice(sorted(town.people))}
    waits = die.random() < 0.2
    of = {} if waits else {"case": case["id"], "side": side, "version": 1}
    connection.execute(sa.insert(evidence).values(values | of))
    town.facts[Resource.EVIDENCE][file] = dict.fromkeys(FACTS[Resource.EVIDENCE]) | (
        {} if waits else case | {"side": side}
    )
