"""Every route, asked by every role about everything that it may concern, answers as the tables say."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from asking import asking
from conftest import feeding, new, send
from fastapi import FastAPI
from seeing import sees
from served import Api, served

from desk.api.rules import OPEN, RULES, V1
from desk.door.door import Door
from desk.refusal import ApiCode
from rulebook.terms import CreatorClass
from states import sight
from states.sight import Resource
from states.situation import Actor
from states.terms import Role
from store import feed, party
from store.party import Profile
from workers.reach import House

PREVIEW = f"{V1}/cases/{{case}}/preview"
RELATIONS = ("own", "other agent's", "other agency's", "other region's", "closed", "not existing")
HERE, THERE = "VN", "DE"
PLAIN = Profile(CreatorClass.STANDARD, 1, 0, 0)
PEOPLE = tuple(role for role in Role if role not in {Role.CLOCK, Role.ENGINE})
# Of a route that creates: a body that is right, so that only the caller decides.
BODIES: Mapping[tuple[str, str], Any] = {
    ("POST", f"{V1}/reports"): {"clause": "content.gambling", "against": "kim", "details": "seen"},
    ("POST", f"{V1}/appeals"): {"of": "report-none", "grounds": "not so"},
    ("POST", f"{V1}/cases/{{case}}/moves"): {"do": "claim"},
    ("POST", PREVIEW): {"do": "approve", "reasons": "so"},
    ("POST", f"{V1}/queue/next"): {"respondent": ["nobody.here"]},
    ("PUT", f"{V1}/agencies/{{agency}}"): {"region": HERE},
    ("PUT", f"{V1}/people/{{person}}"): {"role": "auditor"},
    ("PUT", f"{V1}/creators/{{creator}}"): {"region": HERE},
    ("PUT", f"{V1}/creators/{{creator}}/management"): {"agency": None},
    ("POST", f"{V1}/creators/{{creator}}/streaming-days"): {"days": 1, "hours": 1},
    ("POST", f"{V1}/violations"): {"clause": "content.gambling", "against": "kim", "details": "seen"},
    ("POST", f"{V1}/violations/batch"): {"violations": [{"clause": "none", "against": "kim", "details": "seen"}]},
    ("POST", f"{V1}/webhooks"): {"url": "http://127.0.0.1:9/hook", "events": ["case.moved"]},
    ("POST", f"{V1}/api-keys"): {"label": "matrix", "scopes": ["read"]},
    ("POST", f"{V1}/session/second-factor"): {"code": "000000"},
}
QUERIES: Mapping[str, Mapping[str, str]] = {
    **{path: {"region": HERE} for path in (f"{V1}/rulebook", f"{V1}/rulebook/clauses", f"{V1}/rulebook/penalties")},
    f"{V1}/evidence": {"filename": "clip.mp4"},
}
# What a route lists or shows: whoever a rule of sight is about may ask for it, and nobody else.
SHOWN = {
    Resource.CASE: (
        "/cases",
        "/cases/{case}",
        "/cases/{case}/overview",
        "/cases/{case}/timeline",
        "/cases/{case}/appeal",
        "/cases/{case}/moves",
    ),
    Resource.EVIDENCE: ("/cases/{case}/evidence", "/cases/{case}/evidence/{file}"),
    Resource.SUBJECT: (
        "/subjects/{subject}",
        "/subjects/{subject}/overview",
        "/subjects/{subject}/ledger",
        "/subjects/{subject}/penalties",
        "/subjects/{subject}/verdicts",
    ),
    Resource.AGENCY: ("/subjects/{subject}/quota", "/subjects/{subject}/content-verdicts/{month}"),
    Resource.PERSON: ("/people", "/people/{person}"),
    Resource.NOTICE: ("/notices",),
    Resource.INCIDENT: ("/incidents",),
    Resource.RECORD: ("/records",),
    Resource.WEBHOOK: ("/webhooks", "/webhooks/{webhook}/deliveries"),
    Resource.API_KEY: ("/api-keys",),
}
REFUSED = {ApiCode.SECOND_FACTOR_REQUIRED, "forbidden"}


@dataclass
class World:
    """Two agencies here and one elsewhere: who acts by role, and what stands to agent `bob` in which relation."""

    api: Api
    house: House
    actors: dict[Role, Actor] = field(default_factory=dict)
    cases: dict[str, str] = field(default_factory=dict)
    subjects: dict[str, str] = field(default_factory=dict)


@pytest.fixture(scope="module")
async def world(house: House, door: Door) -> AsyncIterator[World]:
    async with served(house, door) as api:
        made = World(api, house)
        _people(house, made)
        await _cases(door, made)
        yield made


def _people(house: House, world: World) -> None:
    lotus, jade, rose = new("lotus"), new("jade"), new("rose")
    names = {role: new(role) for role in PEOPLE}
    names[Role.PLATFORM] = "platform"
    eve = new("eve")
    with feeding(house) as connection:
        for agency, region in ((lotus, HERE), (jade, HERE), (rose, THERE)):
            feed.agency(connection, agency, region)
        for role in (Role.OWNER, Role.TEAM_LEAD, Role.AGENT):
            feed.person(connection, names[role], role, agency=lotus)
        feed.person(connection, eve, Role.AGENT, agency=lotus)
        others = {new("tom"): (lotus, eve, HERE), new("joe"): (jade, None, HERE), new("ros"): (rose, None, THERE)}
        for creator, (agency, agent, region) in {
            names[Role.CREATOR]: (lotus, names[Role.AGENT], HERE),
            **others,
        }.items():
            feed.creator(connection, creator, region, PLAIN)
            feed.management(connection, creator, agency, agent)
        for role in PEOPLE:
            if role not in {Role.OWNER, Role.TEAM_LEAD, Role.AGENT, Role.CREATOR, Role.PLATFORM}:
                feed.person(connection, names[role], role, regions=[HERE])
    with house.engine.connect() as connection:
        for role, name in names.items():
            actor = party.actor(connection, name)
            assert actor is not None
            world.actors[role] = actor
    own, *rest = (names[Role.CREATOR], *others)
    world.subjects = dict(zip(RELATIONS[:4], (own, *rest), strict=True)) | {
        "closed": own,
        "not existing": "nobody.here",
    }


async def _cases(door: Door, world: World) -> None:
    said = {"clause": "content.gambling", "details": "seen on stream", "severity": "mild"}
    for relation in RELATIONS[:5]:
        told = await send(door, "platform", "report", against=world.subjects[relation], **said)
        world.cases[relation] = told["case"]
    await send(door, "platform", "withdraw", case=world.cases["closed"])
    world.cases["not existing"] = "report-00000000000000000000"


def routes(app: FastAPI) -> set[tuple[str, str]]:
    paths = app.openapi()["paths"]
    return {(method.upper(), path) for path, operations in paths.items() for method in operations}


def test_every_route_has_a_rule_and_every_rule_a_route(world: World) -> None:
    assert routes(world.api.app) == {*RULES, *OPEN}


@pytest.mark.parametrize("resource", Resource)
def test_who_may_see_a_thing_may_ask_for_it(resource: Resource) -> None:
    roles = frozenset[Role]().union(*(rule.roles for rule in sight.RULES if rule.resource is resource))
    assert {path: RULES["GET", f"{V1}{path}"].roles for path in SHOWN[resource]} == dict.fromkeys(
        SHOWN[resource], roles
    )


@pytest.mark.parametrize(("method", "path"), sorted(RULES), ids=lambda part: part.removeprefix(V1))
async def test_nobody_is_refused_as_unknown(world: World, method: str, path: str) -> None:
    answer = await world.api.client.request(method, _filled(world, path, "own"), json=BODIES.get((method, path)))
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("role", PEOPLE)
@pytest.mark.parametrize(("method", "path"), sorted(RULES), ids=lambda part: part.removeprefix(V1))
async def test_the_answer_is_what_the_tables_say(world: World, method: str, path: str, role: Role) -> None:
    with asking(world.house.engine) as asked:
        await _asked_by(world, method, path, world.actors[role])
    assert asked.on_the_loop == []


async def _asked_by(world: World, method: str, path: str, actor: Actor) -> None:
    role = actor.role
    for relation in RELATIONS if "{case}" in path or "{subject}" in path else ("own",):
        answer = await world.api.client.request(
            method,
            _filled(world, path, relation),
            json=BODIES.get((method, path)),
            params=QUERIES.get(path),
            headers=world.api.bearer(actor.id) | {"Idempotency-Key": new("key")},
        )
        found = answer.status_code, answer.json().get("code")
        where = f"{role} asks {method} {path} about {relation}: {found}"
        assert answer.status_code < 500, where
        if role not in RULES[method, path].roles:
            assert found == (403, "forbidden"), where
        elif path == PREVIEW:
            await _as_its_move_says(world, actor, relation, found, where)
        elif "{case}" in path:
            _as_sight_says(world, actor, relation, Resource.CASE, found, where)
        elif "{subject}" in path and method == "GET":
            _as_sight_says(world, actor, relation, Resource.SUBJECT, found, where)
        else:
            assert answer.status_code != 401, where


async def _as_its_move_says(world: World, actor: Actor, relation: str, found: tuple[int, str], where: str) -> None:
    path = f"/cases/{world.cases[relation]}/moves"
    move = await world.api.send(actor.id, "POST", path, BODIES["POST", PREVIEW])
    assert found == (move.status_code, move.json().get("code")), where
    assert not move.is_success, where


def _as_sight_says(
    world: World, actor: Actor, relation: str, resource: Resource, found: tuple[int, str], where: str
) -> None:
    """What is not seen is as what is not there; only staff are told that a case lies outside their regions."""
    facts = _facts(world, relation, resource)
    if facts is None:
        assert found[0] == 404, where
    elif not sees(actor, resource, facts):
        outside = resource is Resource.CASE and actor.role in {Role.MODERATOR, Role.SENIOR_MODERATOR}
        assert found == ((403, "forbidden") if outside else (404, "not_found")), where
    else:
        missing = ("quota", "content-verdicts", "{file}")  # there may be none
        assert found[1] != "not_found" or any(word in where for word in missing), where


def _facts(world: World, relation: str, resource: Resource) -> dict[str, str | None] | None:
    now = world.house.clock.now() + timedelta(seconds=1)
    with world.house.engine.connect() as connection:
        subject = party.subject(connection, world.subjects[relation])
        if subject is None:
            return None
        managed = party.management(connection, subject.id, now)
    if resource is Resource.SUBJECT:
        return {"id": subject.id, "region": subject.region, "agency": managed.agency, "agent": managed.agent}
    return {
        "kind": "report",
        "region": subject.region,
        "filed_by": "platform",
        "filed_agency": None,
        "filed_side": "reporter",
        "respondent": subject.id,
        "agency": managed.agency,
        "agent": managed.agent,
        "manager": managed.agent,
        "reporter": "platform",
    }


def _filled(world: World, path: str, relation: str) -> str:
    fed = {name: new(name) for name in ("agency", "person", "creator")}
    values = {"case": world.cases[relation], "subject": world.subjects[relation], "month": "2026-03"} | fed
    return path.format(**values, webhook="none", delivery="1", key="0" * 16, file="ev-none")
