"""Who is let in to do what: staff are fed by few, and an account's second factor is shown before all else."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from conftest import agency, feeding, new, person
from knocking import PASSWORD, QUICK
from served import ORIGIN, V1, Api, served

from desk.door.door import Door
from desk.identity import factor
from desk.identity.accounts import hashed
from desk.identity.caller import Scope
from desk.identity.keys import Keys
from states.terms import Role
from store import identity, party
from store.schema.identity import accounts
from workers.clock import Clock
from workers.reach import House

REVIEWER = {"role": "moderator", "regions": ["VN"]}


@pytest.fixture(scope="module")
async def api(house: House, door: Door) -> AsyncIterator[Api]:
    async with served(house, door) as made:
        yield made


def key_of_platform(house: House, *scopes: Scope) -> str:
    with feeding(house) as connection:
        platform = party.actor(connection, "platform")
        assert platform is not None
        return Keys(Clock().now).make(connection, platform, new("label"), scopes, 1, platform.id).text


async def fed(api: Api, proof: dict[str, str], who: str, body: dict[str, Any]) -> tuple[int, str | None, str | None]:
    headers = proof | {"Idempotency-Key": new("key")}
    answer = await api.client.put(f"{V1}/people/{who}", json=body, headers=headers)
    return answer.status_code, answer.json().get("code"), answer.json().get("field")


async def test_a_key_that_feeds_makes_no_staff(api: Api, house: House) -> None:
    lotus, _ = await agency(house)
    mia = await person(house, Role.MODERATOR)
    feeds = {"Authorization": f"Bearer {key_of_platform(house, Scope.FEED)}"}
    refused = (403, "forbidden", "role")
    assert await fed(api, feeds, new("mia"), REVIEWER) == refused
    assert await fed(api, feeds, mia, {"role": "policy_approver"}) == refused
    assert await fed(api, feeds, mia, {"role": "moderator", "regions": ["DE"]}) == refused
    assert await fed(api, feeds, new("bob"), {"role": "agent", "agency": lotus}) == (200, None, None)
    with house.engine.connect() as connection:
        known = party.actor(connection, mia)
        assert known is not None
        assert (known.role, known.regions) == (Role.MODERATOR, frozenset({"VN"}))


async def test_a_key_that_is_for_staff_feeds_them(api: Api, house: House) -> None:
    both = {"Authorization": f"Bearer {key_of_platform(house, Scope.FEED, Scope.STAFF)}"}
    assert await fed(api, both, new("mia"), REVIEWER) == (200, None, None)
    alone = {"Authorization": f"Bearer {key_of_platform(house, Scope.STAFF)}"}
    assert (await fed(api, alone, new("mia"), REVIEWER))[0] == 403  # it feeds nothing at all


async def test_a_person_of_the_platform_feeds_staff_with_a_second_factor(api: Api) -> None:
    assert (await fed(api, api.bearer("platform", second_factor=False), new("mia"), REVIEWER))[2] == "role"
    assert await fed(api, api.bearer("platform"), new("mia"), REVIEWER) == (200, None, None)


@pytest.mark.parametrize(
    "name",
    [
        "clock",
        "engine",
        "platform",
        "time",
        "The Engine",
        "the platform",
        "a reviewer",
        "another  agency",
        "\uff41 reviewer",
    ],
)
async def test_nobody_is_called_as_we_call_ourselves(api: Api, house: House, name: str) -> None:
    lotus, _ = await agency(house)
    for what, field, body in (
        ("agencies", "agency", {"region": "VN"}),
        ("people", "person", {"role": "agent", "agency": lotus}),
        ("creators", "creator", {"region": "VN"}),
    ):
        answer = await api.send("platform", "PUT", f"/{what}/{name}", body)
        assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (422, "invalid", field)


@pytest.mark.parametrize("role", [Role.OWNER, Role.MODERATOR])
async def test_an_account_with_a_second_factor_shows_it_before_all_else(api: Api, house: House, role: Role) -> None:
    of = (await agency(house))[0] if role is Role.OWNER else None
    who, secret = await person(house, role, of), factor.new_secret()
    with house.engine.begin() as connection:
        identity.enter_account(connection, who, hashed(PASSWORD, QUICK))
        identity.change_account(connection, who, {"totp_secret": secret})
        kept = connection.scalar(sa.select(accounts.c.totp_secret).where(accounts.c.person == who))
        assert kept
        assert secret not in kept
    transport = httpx.ASGITransport(api.app)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers={"Origin": ORIGIN}) as browser:
        begun = await browser.post(f"{V1}/session", json={"person": who, "password": PASSWORD})
        browser.headers["X-CSRF-Token"] = begun.json()["csrf_token"]
        for path in ("/cases", "/subjects/session", "/cases/session", "/rulebook?region=VN"):
            answer = await browser.get(V1 + path)
            assert (answer.status_code, answer.json()["code"]) == (403, "second_factor_required"), path
        assert (await browser.get(f"{V1}/session")).status_code == 200
        code = {"code": factor.code(secret, Clock().now())}
        shown = await browser.post(f"{V1}/session/second-factor", json=code)
        assert shown.status_code == 200
        assert (await browser.get(f"{V1}/cases")).status_code == 200
