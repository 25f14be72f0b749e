"""Lists come in pages, each of which says by one name where the next begins; no page promises one that is empty."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from conftest import agency, creator, feeding, person
from served import V1, Api, served

from desk.door.door import Door
from states.terms import Role
from store import notice
from store.cursor import Cursor
from workers.reach import House

# Each list that tells of its next page, with the name of its rows.
LISTS = {
    "/cases": "cases",
    "/queue": "cases",
    "/notices": "notices",
    "/incidents": "incidents",
    "/subjects/{subject}/ledger": "lines",
    "/subjects/{subject}/penalties": "penalties",
    "/subjects/{subject}/verdicts": "lines",
    "/webhooks": "webhooks",
    "/webhooks/{webhook}/deliveries": "deliveries",
    "/api-keys": "keys",
    "/agencies": "agencies",
    "/agencies/{agency}/standings": "creators",
    "/people": "people",
    "/people/{person}/acts": "acts",
    "/records": "records",
    "/creators": "creators",
    "/creators/{creator}/facts": "facts",
    "/creators/{creator}/management": "management",
    "/creators/{creator}/streaming-days": "days",
    "/rulebooks/versions/{version}/hits": "hits",
}
OVERSEEN = {"/incidents", "/records", "/people/{person}/acts"}
FED = {path for path in LISTS if path.startswith(("/agencies", "/people", "/creators"))} - OVERSEEN
# These have pages of a hundred.
LONG = {"/webhooks", "/api-keys"}
# No wave has hit anybody here.
ELSEWHERE = {"/rulebooks/versions/{version}/hits"}


@pytest.fixture(scope="module")
async def api(house: House, door: Door) -> AsyncIterator[Api]:
    async with served(house, door) as made:
        yield made


@pytest.fixture(scope="module")
async def there(api: Api, house: House) -> dict[str, str]:
    """Who reads which list, and the parts of its path; every list has three rows or more for them."""
    (lotus, ann), (_, jan) = await agency(house), await agency(house)
    kim, mia, ops = await creator(house, lotus), await person(house, Role.MODERATOR), await person(house, Role.OPS)
    hook = {"url": "http://127.0.0.1:9/hook", "events": ["case.moved"]}
    webhook = (await api.send(ann, "POST", "/webhooks", hook)).json()["id"]
    said = {"clause": "agency.poaching", "against": lotus, "about": [kim], "details": "They offered money."}
    for _ in range(3):
        report = (await api.send(jan, "POST", "/reports", said)).json()["case"]
        await api.move(mia, report, "claim")
        await api.move(mia, report, "decide", finding="violation", severity="mild", reasons="clear")
    for _ in range(3):  # and these wait
        await api.send(jan, "POST", "/reports", said)
    with feeding(house) as connection:
        for number in range(3):
            notice.raise_incident(
                connection, "platform_refused", house.clock.now(), subject=lotus, facts={"answer": number}
            )
    for number in range(1, 4):  # one that is managed, and two by whom nobody is
        since = (house.clock.now() - timedelta(days=number)).isoformat()
        await creator(house)
        await creator(house, lotus)
        await api.send("platform", "PUT", f"/creators/{kim}", {"region": "VN", "level": number, "since": since})
        await api.send("platform", "PUT", f"/creators/{kim}/management", {"agency": lotus, "since": since})
    await api.send("platform", "POST", f"/creators/{kim}/streaming-days", {"days": 3, "hours": 2})
    readers = (
        dict.fromkeys(LISTS, ann) | {"/queue": mia} | dict.fromkeys(OVERSEEN, ops) | dict.fromkeys(FED, "platform")
    )
    return readers | {"subject": lotus, "agency": lotus, "webhook": webhook, "creator": kim, "person": mia}


def test_every_list_has_one_name_for_the_place(api: Api) -> None:
    document = api.app.openapi()
    found = {}
    for path, operations in document["paths"].items():
        schema = operations.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
        name = schema.get("application/json", {}).get("schema", {}).get("$ref", "").rpartition("/")[2]
        shape = document["components"]["schemas"].get(name, {}).get("properties", {})
        if "next" in shape:
            parameters = {one["name"]: one["schema"] for one in operations["get"]["parameters"]}
            assert parameters["cursor"]["type"] == "string", path
            assert "before" not in parameters, path
            assert [one["type"] for one in shape["next"]["anyOf"]] == ["string", "null"], path
            found[path.removeprefix(V1)] = name
    assert set(found) == set(LISTS)


@pytest.mark.parametrize("path", sorted(set(LISTS) - LONG - ELSEWHERE))
async def test_no_page_promises_one_that_is_empty(api: Api, there: dict[str, str], path: str) -> None:
    who, where, rows = there[path], path.format(**there), LISTS[path]

    async def page(limit: int, cursor: str | None = None) -> dict[str, Any]:
        query = {"limit": limit} | ({"cursor": cursor} if cursor else {})
        found: dict[str, Any] = (await api.get(who, where, **query)).json()
        return found

    first = await page(3)
    assert len(first[rows]) == 3
    one_by_one, cursor = list[Any](), None
    for _ in range(3):
        one = await page(1, cursor)
        one_by_one, cursor = [*one_by_one, *one[rows]], one["next"]
    assert one_by_one == first[rows]
    rest, cursor = 3, first["next"]
    while cursor:
        more = await page(50, cursor)
        assert more[rows], cursor
        rest, cursor = rest + len(more[rows]), more["next"]
    if rest <= 100:
        assert (await page(rest))["next"] is None


@pytest.mark.parametrize("number", ["x", "", "-1", "1.0", "\uff11", "9" * 19, " 1"])
@pytest.mark.parametrize(("path", "sort"), [("/incidents", "-id"), ("/subjects/{subject}/ledger", "-number")])
async def test_a_place_that_is_none_is_refused(
    api: Api, there: dict[str, str], path: str, sort: str, number: str
) -> None:
    forged = Cursor(sort, None, number).opaque()
    answer = await api.get(there[path], path.format(**there), cursor=forged)
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (422, "invalid", "cursor")
    other = await api.get(there[path], path.format(**there), cursor=Cursor("due", None, "1").opaque())
    assert (other.status_code, other.json()["field"]) == (422, "cursor")
