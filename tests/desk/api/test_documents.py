"""The documentation is complete, and its examples are right for the demo cast."""

import base64
import json
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from conftest import new
from engines import beside
from fastapi import FastAPI
from served import V1, Api, served

from desk.api.openapi.examples import BODIES
from desk.api.problem import MEDIA_TYPE, Problem
from desk.api.rules import OPEN, RULES
from desk.api.shapes.feed import StreamingDays
from desk.api.wording import FORMS
from desk.demo import accounts as demo_accounts
from desk.door.door import Door
from desk.refusal import STATUS
from desk.words import Languages
from rulebook import characters
from states.terms import Code
from store.schema.webhooks import Event
from workers.house import work
from workers.reach import House

WHO = {
    "reports": "jan",
    "appeals": "ann",
    "queue/next": "mia",
    "webhooks": "ann",
    "api-keys": "ann",
    "repairs": "oli",
} | {"codec/decode": "oli"}
# Moves are tried below; a second factor is shown by a browser's session alone, as the sessions' own tests do.
ASKED_ELSEWHERE = {
    f"{V1}/cases/{{case}}/moves",
    f"{V1}/cases/{{case}}/preview",
    f"{V1}/rulebooks/versions",
    f"{V1}/rulebooks/versions/{{version}}/moves",
    f"{V1}/session/second-factor",
}
Operation = dict[str, Any]


@pytest.fixture(scope="module")
async def api(house: House, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Api]:
    folder = tmp_path_factory.mktemp("documents")
    async with beside(house, "documents", folder) as other, work(other), Door.of(other) as door:
        with other.engine.begin() as connection:
            demo_accounts.introduce(connection)
        async with served(other, door) as made:
            yield made


def operations(app: FastAPI) -> Iterator[tuple[str, str, Operation]]:
    for path, methods in app.openapi()["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def test_every_operation_says_all_that_there_is_to_say(api: Api) -> None:
    names = []
    for method, path, operation in operations(api.app):
        names.append(operation["operationId"])
        assert operation["summary"], path
        assert operation["tags"], path
        assert bool(operation["security"]) == ((method, path) not in OPEN), path
        assert all(("csrf" in way) == (method != "GET") for way in operation["security"] if "session" in way), path
        for kind, body in operation.get("requestBody", {}).get("content", {}).items():
            assert body["schema"].get("format") == "binary" if "json" not in kind else body["examples"], path
        for parameter in operation.get("parameters", []):
            assert {"type": "null"} not in parameter["schema"].get("anyOf", []), parameter
    assert len(set(names)) == len(names) == len(RULES) + len(OPEN)


def test_every_refusal_is_a_problem_with_its_codes(api: Api) -> None:
    assert "HTTPValidationError" not in str(api.app.openapi())
    for _, path, operation in operations(api.app):
        for status, response in operation["responses"].items():
            if status.startswith("2"):
                continue
            content = response["content"]
            assert MEDIA_TYPE in content, (path, status)
            assert set(content) == {MEDIA_TYPE} or path == "/health/ready"
            codes = {code.value for code, number in STATUS.items() if number == int(status)}
            assert set(content[MEDIA_TYPE]["examples"]) == codes
            assert content[MEDIA_TYPE]["schema"] == {"$ref": f"#/components/schemas/Problem{status}"}
            told = {"401": "WWW-Authenticate", "429": "Retry-After", "503": "Retry-After"}.get(status)
            assert told is None or response["headers"][told]["required"]


def test_each_status_has_a_whole_shape_of_its_own(api: Api) -> None:
    shapes = api.app.openapi()["components"]["schemas"]
    for status in {number.value for number in STATUS.values()}:
        shape = shapes[f"Problem{status}"]
        codes = sorted(code.value for code, number in STATUS.items() if number == status)
        assert (shape["type"], "allOf" in shape) == ("object", False)
        assert set(shape["properties"]) == set(Problem.model_fields)
        assert shape["properties"]["status"]["enum"] == [status]
        assert shape["properties"]["code"]["enum"] == codes
        assert {"type", "title", "status", "detail", "code"} == set(shape["required"])
    assert not {"Problem", "ApiCode"} & set(shapes)


def test_every_form_is_told_in_words(api: Api) -> None:
    document = api.app.openapi()
    asked = json.dumps([document["components"]["schemas"], [one.get("parameters") for *_, one in operations(api.app)]])
    found = {json.loads(f'"{form}"') for form in re.findall(r'"pattern": "((?:[^"\\]|\\.)*)"', asked)}
    hours = StreamingDays.model_json_schema()["properties"]["hours"]["anyOf"][1]["pattern"]
    worded = {hours, characters.NAME, characters.SEGMENT, characters.TEXT}  # have sentences of their own
    assert found - worded == set(FORMS)
    assert worded <= found


def test_every_input_has_its_word(api: Api) -> None:
    """So that a refusal names it as its reader does."""
    shapes, names = api.app.openapi()["components"]["schemas"], set()

    def gather(part: Any, seen: frozenset[str] = frozenset()) -> None:
        if isinstance(part, list):
            for one in part:
                gather(one, seen)
        elif isinstance(part, dict):
            shape = str(part.get("$ref", "")).rpartition("/")[2]
            if shape and shape not in seen:
                gather(shapes[shape], seen | {shape})
            names.update(part.get("properties", {}))
            gather(list(part.values()), seen)

    for _, _, operation in operations(api.app):
        names |= {one["name"] for one in operation.get("parameters", []) if one["in"] != "header"}
        gather(operation.get("requestBody", {}))
    assert {name for name in names if not Languages().words("en").field(name).startswith("“")} == set()


def test_no_paper_of_our_own_is_named(api: Api) -> None:
    text = json.dumps(api.app.openapi(), ensure_ascii=False)
    assert not re.findall(r"domain|scenarios\.md|[Rr]uling|`tier`|§", text)


def test_the_document_tells_what_each_receiver_is_sent(api: Api) -> None:
    told = api.app.openapi()["webhooks"]
    assert set(told) == set(Event)
    for event, methods in told.items():
        name = methods["post"]["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        shape = api.app.openapi()["components"]["schemas"][name]
        said = shape["properties"]["event"]
        assert event in said.get("enum", [said.get("const")])
        assert {"204", "410", "default"} == set(methods["post"]["responses"])


def test_every_link_leads_somewhere(api: Api) -> None:
    names = {operation["operationId"] for _, _, operation in operations(api.app)}
    links = [
        link for _, _, operation in operations(api.app) for response in operation["responses"].values()
        for link in response.get("links", {}).values()
    ]  # fmt: skip
    assert links
    assert {link["operationId"] for link in links} <= names


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [(*asked, name) for asked, bodies in BODIES.items() for name in bodies if asked[1] not in ASKED_ELSEWHERE],
)
async def test_an_example_works(api: Api, method: str, path: str, name: str) -> None:
    body = dict(BODIES[method, path][name])
    if "of" in body:
        body["of"] = await decided(api)
    if path.endswith("/repairs"):
        body["name"] = await filed(api)
    if path.endswith("/queue/next"):
        waiting = {"clause": "agency.poaching", "against": "lotus", "details": "seen", "language": "vi"}
        assert (await api.send("jan", "POST", "/reports", waiting)).is_success
    who = WHO.get(path.removeprefix(f"{V1}/"), "platform")
    names = {"agency": new("agency"), "person": new("person"), "creator": "kim"}
    answer = await api.send(who, method, path.removeprefix(V1).format(**names), body)
    assert answer.is_success, answer.text
    api.client.cookies.clear()  # a session's; the others bring tokens


async def test_the_examples_of_moves_are_moves(api: Api) -> None:
    bodies = BODIES["POST", f"{V1}/cases/{{case}}/moves"]
    case = await filed(api)
    said = (
        "claim",
        "renew",
        "summarise",
        "note",
        "ask",
        "answer",
        "claim",
        "release",
        "claim",
        "decide a report",
        "set_aside",
    )
    for name in said:
        who = {"answer": "ann", "set_aside": "sam"}.get(name, "mia")
        answer = await api.send(who, "POST", f"/cases/{case}/moves", bodies[name])
        assert answer.status_code == 200, (name, answer.text)
    for name in set(bodies) - set(said):
        answer = await api.send("sam", "POST", f"/cases/{case}/moves", bodies[name])
        assert answer.status_code in {403, 409, 422}, (name, answer.text)
        assert (answer.json()["code"], answer.json().get("field")) != (Code.INVALID, "body"), (name, answer.text)


async def test_the_examples_of_previews_are_moves_that_are_previewed(api: Api) -> None:
    case = await filed(api)
    await api.send("mia", "POST", f"/cases/{case}/moves", {"do": "claim"})
    for name, body in BODIES["POST", f"{V1}/cases/{{case}}/preview"].items():
        answer = await api.send("mia", "POST", f"/cases/{case}/preview", body)
        assert answer.status_code in ({200} if name == "decide a report" else {403, 409, 422}), answer.text
        assert (answer.json().get("code"), answer.json().get("field")) != (Code.INVALID, "body"), answer.text


async def filed(api: Api) -> str:
    body = BODIES["POST", f"{V1}/reports"]["jan of jade"]
    return str((await api.send("jan", "POST", "/reports", body)).json()["case"])


async def decided(api: Api) -> str:
    bodies, case = BODIES["POST", f"{V1}/cases/{{case}}/moves"], await filed(api)
    for name in ("claim", "decide a report"):
        await api.send("mia", "POST", f"/cases/{case}/moves", bodies[name])
    return case


@pytest.mark.parametrize(
    "path",
    ["/cases/%00", "/cases/a%00b/timeline", "/subjects/%00", "/subjects/a%00b/ledger", "/webhooks/%00/deliveries"],
)
async def test_a_path_of_no_name_is_refused(api: Api, path: str) -> None:
    answer = await api.get("platform", path)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


@pytest.mark.parametrize(
    "said",
    [
        "9999-12-31T23:59:59.999999-23:59", "0001-01-01T00:00:00+23:59", "1735689600", 1735689600, "2026-01-01",
        "2026-01-01T00:00:00", "2026-02-30T00:00:00Z", 10**400,
    ],
)  # fmt: skip
async def test_a_time_that_is_none_is_refused(api: Api, said: object) -> None:
    for path, body in (("/creators/kim", {"region": "VN"}), ("/creators/kim/management", {"agency": "lotus"})):
        answer = await api.send("platform", "PUT", path, body | {"since": said})
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid"), answer.text


@pytest.mark.parametrize(("said", "fits"), [(5, True), (5.0, True), (5.5, False), ("5", False), (True, False)])
async def test_a_whole_number_is_whole_however_it_is_written(api: Api, said: object, *, fits: bool) -> None:
    answer = await api.send("platform", "POST", "/creators/kim/streaming-days", {"days": said, "hours": 2})
    assert answer.status_code == (200 if fits else 422), answer.text


@pytest.mark.parametrize(
    ("said", "fits"),
    [(2.25, True), ("2.25", True), ("24.00", True), (0, True), (2.255, False), ("", False), ("1e1", False), (25, False),
     ("24.5", False), (True, False), ("NaN", False)],
)  # fmt: skip
async def test_hours_are_hours(api: Api, said: object, *, fits: bool) -> None:
    answer = await api.send("platform", "POST", "/creators/kim/streaming-days", {"days": 1, "hours": said})
    assert answer.status_code == (200 if fits else 422), answer.text


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/cases/report-1/moves", "GET, HEAD, POST"),
        ("/session", "DELETE, GET, HEAD, POST"),
        ("/webhooks/wh-1", "DELETE"),
    ],
)
async def test_what_is_not_allowed_says_all_that_is(api: Api, path: str, allowed: str) -> None:
    answer = await api.client.request("PATCH", V1 + path)
    assert (answer.status_code, answer.headers["Allow"]) == (405, allowed)


async def test_a_path_with_a_slash_too_many_is_another_path(api: Api) -> None:
    answer = await api.get("jan", "/cases/")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    "raw",
    [
        rb'{"clause": "agency.poaching", "against": "lotus", "details": "\ud800"}',
        rb'{"clause": "agency.poaching", "against": "\ud800", "details": "x"}',
        rb'{"clause": "agency.poaching", "against": "lotus", "details": "\u0000"}',
        rb'{"clause": "agency.poaching", "against": "lotus", "details": "x", "\ud800": 1}',
        b'{"clause": ' + b"9" * 6_000 + b"}",
        b"[" * 100_000,
        b'{"a": ' * 3_000,
        b"NaN",
        b"\xff\xfe",
        b"\xef\xbb\xbf{}",
        b"",
    ],
    ids=lambda raw: raw[-20:].hex(),
)
async def test_a_body_that_is_no_text_is_refused(api: Api, raw: bytes) -> None:
    headers = api.bearer("jan") | {"Idempotency-Key": new("key"), "Content-Type": "application/json"}
    answer = await api.client.post(f"{V1}/reports", content=raw, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid"), answer.text


@pytest.mark.parametrize("page", [["-filed", None, "\ud800"], ["-filed", "9999-12-31T23:59:59-23:59", "a"], [1], {}])
async def test_an_odd_cursor_is_no_failure(api: Api, page: object) -> None:
    cursor = base64.urlsafe_b64encode(json.dumps(page).encode()).decode().rstrip("=")
    for path, who in (("/cases", "jan"), ("/queue", "mia")):
        answer = await api.get(who, path, cursor=cursor, sort="-filed")
        assert answer.status_code in {200, 422}, answer.text
