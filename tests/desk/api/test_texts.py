"""Texts over HTTP: halves of characters are refused everywhere, and the same words are the same words."""

import unicodedata
from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa
from conftest import agency, new
from served import V1, Api, served

from desk.door.door import Door
from store import text
from store.schema import metadata
from workers.reach import House

HALF = '"caf\\ud83c"'
REPORT = '{"clause":"agency.poaching","against":"lotus","details":"x",'
LINE = '{"violations":[{"clause":"content.vulgar","against":"kim","details":"x",'
# fmt: off
BODIES = [
    ("POST", "/session",             '{"person":"mia","password":%s}'),
    ("POST", "/session",             '{"person":%s,"password":"x"}'),
    ("POST", "/session",             '{%s:"mia","password":"x"}'),
    ("POST", "/reports",             REPORT + '"evidence":%s}'),
    ("POST", "/reports",             REPORT + '"severity":%s}'),
    ("POST", "/reports",             REPORT + '"language":%s}'),
    ("POST", "/reports",             REPORT + '"occurred":%s}'),
    ("POST", "/reports",             REPORT + '"about":[%s]}'),
    ("POST", "/reports",             REPORT + "%s:1}"),
    ("POST", "/reports",             "%s"),
    ("POST", "/reports",             "[%s]"),
    ("POST", "/cases/report-1/moves", '{"do":%s}'),
    ("POST", "/cases/report-1/moves", '{"do":"claim",%s:1}'),
    ("POST", "/cases/report-1/moves", '{"do":"ask","question":%s}'),
    ("POST", "/cases/report-1/moves", '{"do":"decide","reasons":"x","finding":%s}'),
    ("PUT",  "/agencies/x",          '{"region":%s}'),
    ("PUT",  "/creators/x",          '{"region":"VN","class":%s}'),
    ("PUT",  "/people/x",            '{"role":"owner","agency":%s}'),
    ("PUT",  "/people/x",            '{"role":"ops","regions":[%s]}'),
    ("POST", "/violations",          LINE + '"evidence":%s}]}'),
    ("POST", "/violations",          LINE + "%s:1}]}"),
    ("POST", "/webhooks",            '{"url":%s,"events":["case.moved"]}'),
    ("POST", "/webhooks",            '{"url":"https://a.example/","events":[%s]}'),
    ("POST", "/api-keys",            '{"label":%s,"scopes":["read"]}'),
    ("PUT",  "/session/preferences", '{"zone":%s}'),
    ("PUT",  "/session/preferences", '{"language":%s}'),
]
# fmt: on


@pytest.fixture(scope="module")
async def api(house: House, door: Door) -> AsyncIterator[Api]:
    async with served(house, door) as made:
        yield made


@pytest.mark.parametrize("person", ["platform", "ann"])
@pytest.mark.parametrize(("method", "path", "body"), BODIES)
async def test_half_a_character_is_refused_in_every_body(
    api: Api, person: str, method: str, path: str, body: str
) -> None:
    proof = {} if path == "/session" else api.bearer(person)
    sent = proof | {"Idempotency-Key": new("key"), "Content-Type": "application/json"}
    answer = await api.client.request(method, V1 + path, content=(body % HALF).encode(), headers=sent)
    assert answer.status_code in {403, 422}, answer.text
    assert answer.json()["code"] in {"invalid", "forbidden"}


@pytest.mark.parametrize("query", ["clause=%ed%a0%80", "of=caf%ff", "cursor=%c3", "%ed%a0%80=1"])
async def test_a_query_that_is_no_utf_8_is_refused(api: Api, query: str) -> None:
    answer = await api.client.get(f"{V1}/cases?{query}", headers=api.bearer("ann"))
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


@pytest.mark.parametrize("name", ["%ff", "%fe", "caf%e9", "%ed%a0%80"])
async def test_a_path_that_is_no_utf_8_names_nobody(api: Api, name: str) -> None:
    refused = await api.send("platform", "PUT", f"/people/{name}", {"role": "auditor"})
    assert (refused.status_code, refused.json()["code"], refused.json()["field"]) == (422, "invalid", "path")


@pytest.mark.parametrize("header", ["Accept-Language", "If-Match", "Idempotency-Key", "Cookie", "Origin"])
async def test_no_header_makes_the_server_fail(api: Api, header: str) -> None:
    known = api.bearer("ann") | {"Idempotency-Key": new("key")}
    sent = {name.encode(): value.encode() for name, value in known.items()} | {header.encode(): b"caf\xed\xa0\x80"}
    answer = await api.client.post(f"{V1}/cases/report-1/moves", json={"do": "claim"}, headers=sent)
    assert answer.status_code in {401, 403, 404, 422}


async def test_the_same_words_differently_composed_are_the_same_wish(api: Api, house: House) -> None:
    (_, jan), (lotus, _), key = await agency(house, "jade"), await agency(house, "lotus"), new("key")
    words = f"Bích Ngọc đã mất {new('kim')}."
    said = {"clause": "agency.poaching", "against": lotus, "details": unicodedata.normalize("NFD", words)}
    first = await api.send(jan, "POST", "/reports", said, key=key)
    again = await api.send(jan, "POST", "/reports", said | {"details": words}, key=key)
    assert (first.status_code, again.status_code) == (201, 201), again.text
    assert first.json()["case"] == again.json()["case"]
    cases = metadata.tables["cases"]
    with house.engine.connect() as connection:
        kept = connection.execute(sa.select(cases.c.text).where(cases.c.id == first.json()["case"])).scalar_one()
        assert text.bodies(connection, [kept]) == {kept: words}


async def test_a_name_differently_composed_is_the_same_name(api: Api) -> None:
    name = new("Bích-Ngọc")
    path = f"/agencies/{unicodedata.normalize('NFD', name)}"
    assert (await api.send("platform", "PUT", path, {"region": "VN"})).json() == {"fed": f"agencies/{name}"}


@pytest.mark.parametrize("name", ["kim%20", "%20kim", "ki%E2%80%8Bm", "ki%E2%80%AEm", "ki%0Am", "%E3%85%A4", ".kim"])
async def test_nobody_is_fed_under_a_name_that_reads_like_another(api: Api, name: str) -> None:
    refused = await api.send("platform", "PUT", f"/creators/{name}", {"region": "VN"})
    assert (refused.status_code, refused.json()["field"]) == (422, "creator")
