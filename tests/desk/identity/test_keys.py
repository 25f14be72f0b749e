"""Keys of systems: shown once, kept as a hash, good for a while, for those who may have them."""

import re
from typing import Any
from zlib import crc32

import httpx
import pytest
import sqlalchemy as sa
from conftest import feeding, new
from knocking import KEYS, SESSION, Client, Knock, knocking

from desk.demo import cast
from desk.identity.keys import FORM
from states.terms import Role
from store import feed
from store.schema.commands import answers
from store.schema.identity import api_keys
from workers.reach import House

ASKED: dict[str, Any] = {"label": "robot", "scopes": ["read", "write"]}


@pytest.fixture(scope="module")
def knock(house: House) -> Knock:
    return knocking(house)


@pytest.fixture
def owner(knock: Knock) -> str:
    return knock.person(Role.OWNER, knock.agency(), account=False)


def agency_of(knock: Knock, person: str) -> str:
    return str(knock.as_token(person).get(SESSION).json()["agency"])


def asked(client: Client, key: str | None = None, **more: Any) -> httpx.Response:
    return client.post(KEYS, ASKED | more, **{"Idempotency-Key": key or new("key")})


def made(knock: Knock, by: str, **more: Any) -> dict[str, Any]:
    answer = asked(knock.as_token(by), **more)
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


def test_a_key_acts_as_its_person_within_its_scopes(knock: Knock, owner: str) -> None:
    key = made(knock, owner)
    who = knock.bearer(key["secret"]).get(SESSION).json()
    assert (who["person"], who["via"], who["scopes"], who["second_factor"]) == (
        owner,
        "api_key",
        ["read", "write"],
        "none",
    )
    narrow = made(knock, owner, scopes=["webhooks"])
    refused = knock.bearer(narrow["secret"]).get(SESSION)
    assert (refused.status_code, refused.json()["detail"]) == (403, "The key lacks the scope `read`.")


def test_a_key_is_shown_once_and_kept_nowhere(knock: Knock, owner: str) -> None:
    once = new("key")
    first = asked(knock.as_token(owner), once)
    again = asked(knock.as_token(owner), once)
    assert first.headers["Cache-Control"] == "no-store"
    assert FORM.fullmatch(first.json()["secret"])
    assert again.json() == first.json() | {"secret": None}
    assert "secret" not in knock.as_token(owner).get(KEYS).json()["keys"][0]
    secret = first.json()["secret"].rpartition("_")[2]
    with knock.house.engine.connect() as connection:
        for table in (api_keys, answers):
            assert secret not in str(connection.execute(sa.select(table)).all())


@pytest.mark.parametrize(
    "change",
    [
        lambda key: key[:-1] + ("0" if key[-1] != "0" else "1"),
        lambda key: key.replace("cw_", "cw_0", 1),
        lambda key: re.sub(r"_[0-9a-f]{16}_", "_0123456789abcdef_", key),
        str.upper,
        lambda key: key + " ",
        lambda key: key[:30],
        lambda _: "cw_",
        lambda key: key.replace("_", "-"),
        lambda key: key + key,
    ],
)
def test_a_changed_key_is_refused(knock: Knock, owner: str, change: Any) -> None:
    answer = knock.bearer(change(made(knock, owner)["secret"])).get(SESSION)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


def test_a_right_form_with_a_wrong_secret_is_refused(knock: Knock, owner: str) -> None:
    key_id, secret = made(knock, owner)["id"], "0" * 64
    for each in (key_id, "0" * 16):  # one that is there, and one that is not
        forged = f"{each}_{secret}"
        key = f"cw_{forged}{crc32(forged.encode()):08x}"
        assert FORM.fullmatch(key)
        assert knock.bearer(key).get(SESSION).status_code == 401


def test_a_key_ends(house: House) -> None:
    knock = knocking(house)
    owner = knock.person(Role.OWNER, knock.agency(), account=False)
    key = made(knock, owner, expires_in_days=1)
    knock.watch.wait(hours=23)
    assert knock.bearer(key["secret"]).get(SESSION).status_code == 200
    knock.watch.wait(hours=1)
    assert knock.bearer(key["secret"]).get(SESSION).status_code == 401


def test_a_revoked_key_is_refused_at_once(knock: Knock, owner: str) -> None:
    key = made(knock, owner)
    revoked = [knock.as_token(owner).delete(f"{KEYS}/{key['id']}").json()["revoked_at"] for _ in "12"]
    assert revoked[0] == revoked[1] is not None
    assert knock.bearer(key["secret"]).get(SESSION).status_code == 401


def test_two_keys_of_one_label_let_a_system_change_over(knock: Knock, owner: str) -> None:
    first, _ = made(knock, owner), made(knock, owner)
    third = asked(knock.as_token(owner))
    assert (third.status_code, third.json()["field"]) == (422, "label")
    knock.as_token(owner).delete(f"{KEYS}/{first['id']}")
    assert made(knock, owner)["id"] != first["id"]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"expires_in_days": 367}, "expires_in_days"),
        ({"expires_in_days": 0}, "expires_in_days"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["everything"]}, "scopes"),
        ({"scopes": ["feed"]}, "scopes"),
        ({"label": ""}, "label"),
        ({"label": "\x00"}, "label"),
    ],
)
def test_what_a_key_cannot_be(knock: Knock, owner: str, more: dict[str, Any], field: str) -> None:
    answer = asked(knock.as_token(owner), **more)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


def test_who_may_make_keys_for_whom(knock: Knock, owner: str) -> None:
    agency = agency_of(knock, owner)
    lead, other_lead, agent = (
        knock.person(role, agency, account=False) for role in (Role.TEAM_LEAD, Role.TEAM_LEAD, Role.AGENT)
    )
    stranger = knock.person(Role.OWNER, knock.agency(), account=False)
    platform, second = knock.person(Role.PLATFORM, account=False), knock.person(Role.PLATFORM, account=False)
    mia = knock.person(Role.MODERATOR, account=False)
    expected = {
        (owner, owner): 201, (owner, lead): 201, (owner, agent): 201, (owner, stranger): 404, (owner, mia): 404,
        (lead, lead): 201, (lead, agent): 201, (lead, owner): 403, (lead, other_lead): 403, (lead, stranger): 404,
        (agent, agent): 403, (mia, mia): 403, (platform, platform): 201, (platform, second): 404, (platform, owner): 404,
        (owner, "nobody"): 404,
    }  # fmt: skip
    found = {
        (who, whom): asked(knock.as_token(who), person=whom, label=f"of {who}").status_code for who, whom in expected
    }
    assert found == expected
    listed = {key["person"] for key in knock.as_token(lead).get(KEYS).json()["keys"]}
    assert listed == {owner, lead, agent}


def test_only_the_command_line_lets_a_key_feed_staff(knock: Knock) -> None:
    platform = knock.person(Role.PLATFORM, account=False)
    refused = asked(knock.as_token(platform), scopes=["feed", "staff"])
    assert (refused.status_code, refused.json()["field"]) == (403, "scopes")
    assert asked(knock.as_token(platform), scopes=["feed"]).status_code == 201


def test_a_team_lead_revokes_no_more_keys_than_they_could_make(knock: Knock, owner: str) -> None:
    agency = agency_of(knock, owner)
    lead, agent = (knock.person(role, agency, account=False) for role in (Role.TEAM_LEAD, Role.AGENT))
    of_owner, of_agent, of_lead = (made(knock, owner, person=person) for person in (owner, agent, lead))
    tries = {
        key["id"]: knock.as_token(lead).delete(f"{KEYS}/{key['id']}").status_code
        for key in (of_owner, of_agent, of_lead)
    }
    assert list(tries.values()) == [403, 200, 200]
    assert knock.bearer(of_owner["secret"]).get(SESSION).status_code == 200


@pytest.mark.parametrize("becomes", [Role.AGENT, Role.OPS])
def test_a_key_dies_when_its_maker_could_not_make_it_now(knock: Knock, owner: str, becomes: Role) -> None:
    agency = agency_of(knock, owner)
    lead, agent = (knock.person(role, agency, account=False) for role in (Role.TEAM_LEAD, Role.AGENT))
    key = made(knock, lead, person=agent)
    assert knock.bearer(key["secret"]).get(SESSION).status_code == 200
    with feeding(knock.house) as connection:
        feed.person(connection, lead, becomes, agency=agency if becomes is Role.AGENT else None)
    assert knock.bearer(key["secret"]).get(SESSION).status_code == 401


def test_a_key_that_a_lead_made_dies_when_its_person_becomes_an_owner(knock: Knock, owner: str) -> None:
    agency = agency_of(knock, owner)
    lead, agent = (knock.person(role, agency, account=False) for role in (Role.TEAM_LEAD, Role.AGENT))
    keys = [made(knock, by, person=agent) for by in (lead, owner)]
    with feeding(knock.house) as connection:
        feed.person(connection, agent, Role.OWNER, agency=agency)
    assert [knock.bearer(key["secret"]).get(SESSION).status_code for key in keys] == [401, 200]


def test_a_strangers_key_is_not_there(knock: Knock, owner: str) -> None:
    key = made(knock, owner)
    stranger = knock.person(Role.OWNER, knock.agency(), account=False)
    assert knock.as_token(stranger).delete(f"{KEYS}/{key['id']}").status_code == 404
    assert knock.bearer(key["secret"]).get(SESSION).status_code == 200


def test_a_key_makes_no_keys_and_revokes_only_its_own_persons(knock: Knock, owner: str) -> None:
    agent = knock.person(Role.AGENT, agency_of(knock, owner), account=False)
    theirs, own = made(knock, owner, person=agent), made(knock, owner)
    system = knock.bearer(own["secret"])
    assert system.delete(f"{KEYS}/{theirs['id']}").status_code == 404
    for whom in (agent, owner):
        refused = asked(system, person=whom, label="more", scopes=["read"])
        assert (refused.status_code, refused.json()["detail"]) == (
            403,
            "A key makes no keys: a person does, or the command line.",
        )
    assert {key["id"] for key in system.get(KEYS).json()["keys"]} == {theirs["id"], own["id"]}
    assert system.delete(f"{KEYS}/{own['id']}").status_code == 200
    assert system.get(KEYS).status_code == 401


def test_a_key_is_worth_nothing_to_whoever_its_person_has_become(knock: Knock, owner: str) -> None:
    agent = knock.person(Role.AGENT, agency_of(knock, owner), account=False)
    key = made(knock, owner, person=agent)
    elsewhere = knock.agency()
    with feeding(knock.house) as connection:
        feed.person(connection, agent, Role.AGENT, agency=elsewhere)
    assert knock.bearer(key["secret"]).get(SESSION).status_code == 401
    own = made(knock, owner, label="own")
    with feeding(knock.house) as connection:
        feed.person(connection, owner, Role.OPS, regions=[cast.REGION])
    assert knock.bearer(own["secret"]).get(SESSION).status_code == 401
