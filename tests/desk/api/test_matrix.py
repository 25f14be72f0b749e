"""Every route, asked by every role about everything that it may concern, answers as the tables say."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from asking import asking
from conftest import new
from fastapi import FastAPI
from relations import HERE, PEOPLE, RELATIONS, Relations
from served import Api, served

from desk.api.rules import OPEN, RULES, V1
from desk.door.door import Door
from desk.refusal import ApiCode
from states import sight
from states.sight import Resource
from states.situation import Actor
from states.terms import Role
from workers.reach import House

PREVIEW = f"{V1}/cases/{{case}}/preview"
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
    ("POST", f"{V1}/repairs"): {"whose": "case", "name": "report-none"},
    ("POST", f"{V1}/codec/decode"): {"payloads": [{"metadata": {}, "data": ""}]},
    ("POST", f"{V1}/webhooks"): {"url": "http://127.0.0.1:9/hook", "events": ["case.moved"]},
    ("POST", f"{V1}/api-keys"): {"label": "matrix", "scopes": ["read"]},
    ("POST", f"{V1}/session/second-factor"): {"code": "000000"},
}
QUERIES: Mapping[str, Mapping[str, str]] = {
    **{path: {"region": HERE} for path in (f"{V1}/rulebook", f"{V1}/rulebook/clauses", f"{V1}/rulebook/penalties")},
    f"{V1}/rulebook/explained": {"region": HERE},
    f"{V1}/evidence": {"filename": "clip.mp4"},
}
# What a route lists or shows: whoever a rule of sight is about may ask for it, and nobody else.
SHOWN = {
    Resource.CASE: (
        "/cases",
        "/cases/{case}",
        "/cases/{case}/overview",
        "/cases/{case}/timeline",
        "/cases/{case}/receipt",
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
    Resource.GOVERNED: (
        "/rulebook/explained",
        "/rulebooks/versions/{version}",
        "/rulebooks/versions/{version}/forecast",
        "/rulebooks/versions/{version}/hits",
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


@dataclass(frozen=True)
class World:
    """The API, and who asks it about what."""

    api: Api
    relations: Relations


@pytest.fixture(scope="module")
async def world(house: House, door: Door) -> AsyncIterator[World]:
    async with served(house, door) as api:
        yield World(api, await Relations.made(house, door))


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
    with asking(world.relations.house.engine) as asked:
        await _asked_by(world, method, path, world.relations.actors[role])
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
    path = f"/cases/{world.relations.cases[relation]}/moves"
    move = await world.api.send(actor.id, "POST", path, BODIES["POST", PREVIEW])
    assert found == (move.status_code, move.json().get("code")), where
    assert not move.is_success, where


def _as_sight_says(
    world: World, actor: Actor, relation: str, resource: Resource, found: tuple[int, str], where: str
) -> None:
    refused = world.relations.refused(actor, relation, resource)
    if refused is not None:
        assert found == refused, where
    else:
        missing = ("quota", "content-verdicts", "{file}", "/receipt")  # there may be none
        assert found[1] != "not_found" or any(word in where for word in missing), where


def _filled(world: World, path: str, relation: str) -> str:
    fed = {name: new(name) for name in ("agency", "person", "creator")}
    values = {
        "case": world.relations.cases[relation],
        "subject": world.relations.subjects[relation],
        "month": "2026-03",
    } | fed
    others = {"webhook": "none", "delivery": "1", "key": "0" * 16, "file": "ev-none", "version": "0" * 64}
    return path.format(**values, **others, before="live", after="live")
