"""A second factor in a browser: shown at login or later, shown again before what is grave, and never a mere password."""

from datetime import UTC, datetime
from typing import Any

import pytest
from conftest import new
from hostile import AUDIENCE, ISSUER, JWKS, claims, signed
from knocking import KEYS, PASSWORD, SESSION, STEP_UP, Client, Knock, knocking

from desk.identity.jwks import StaticKeys
from desk.identity.oidc import Issuer
from desk.identity.sessions import COOKIE
from states.terms import Role
from workers.reach import House


@pytest.fixture
def knock(house: House) -> Knock:
    return knocking(house)


@pytest.fixture
def owner(knock: Knock) -> str:
    return knock.person(Role.OWNER, knock.agency())


def seen(browser: Client) -> int:
    return browser.get(SESSION).status_code


def make_key(browser: Client) -> Any:
    said = {"label": new("label"), "scopes": ["read"]}
    return browser.post(KEYS, said, **{"Idempotency-Key": new("key")})


def test_a_step_up_changes_the_token_and_not_the_end(knock: Knock) -> None:
    mia = knock.person(Role.MODERATOR, with_factor=True)
    browser = knock.browser(mia)
    before, said = browser.cookies[COOKIE], browser.get(SESSION).json()
    assert said["second_factor"] == "needed"
    knock.watch.wait(minutes=5)
    shown = browser.post(STEP_UP, {"code": knock.code(mia)})
    assert (shown.status_code, shown.json()["second_factor"]) == (200, "shown")
    assert shown.json()["ends_at"] == said["ends_at"]
    assert browser.cookies[COOKIE] != before
    assert seen(knock.client(Cookie=f"{COOKIE}={before}")) == 401
    assert browser.post(STEP_UP, {"code": knock.code(mia)}).status_code == 403  # the old page's token is over
    assert seen(browser) == 200


def test_a_grave_act_wants_a_second_factor_that_was_just_shown(knock: Knock) -> None:
    owner = knock.person(Role.OWNER, knock.agency(), with_factor=True)
    browser = knock.browser(owner)
    assert make_key(browser).json()["code"] == "second_factor_required"
    browser.headers["X-CSRF-Token"] = browser.post(STEP_UP, {"code": knock.code(owner)}).json()["csrf_token"]
    assert make_key(browser).status_code == 201
    knock.watch.wait(minutes=10, seconds=1)
    assert make_key(browser).json()["code"] == "step_up_required"


def test_who_has_no_second_factor_shows_the_password_again(knock: Knock, owner: str) -> None:
    browser = knock.browser(owner)
    assert make_key(browser).status_code == 201  # has just logged in
    knock.watch.wait(minutes=11)
    assert make_key(browser).json()["code"] == "step_up_required"
    assert browser.post(STEP_UP, {"code": "123456"}).json()["field"] == "password"
    assert browser.post(STEP_UP, {"password": "wrong"}).json()["code"] == "second_factor_required"
    browser.headers["X-CSRF-Token"] = browser.post(STEP_UP, {"password": PASSWORD}).json()["csrf_token"]
    assert make_key(browser).status_code == 201


def test_a_password_is_no_second_factor_of_staff(knock: Knock) -> None:
    browser = knock.browser(knock.person(Role.MODERATOR))
    assert browser.get(SESSION).json()["second_factor"] == "needed"
    assert browser.post(STEP_UP, {"password": PASSWORD}).json()["code"] == "forbidden"
    with_factor = knock.browser(knock.person(Role.MODERATOR, with_factor=True))
    assert with_factor.post(STEP_UP, {"password": PASSWORD}).json()["field"] == "code"


@pytest.mark.parametrize(("minutes", "expected"), [(None, 201), (0, 201), (9, 201), (11, 403)])
def test_a_token_that_says_when_its_person_logged_in_is_good_for_grave_acts_for_a_while(
    house: House, minutes: int | None, expected: int
) -> None:  # fmt: skip
    knock = knocking(house, Issuer(ISSUER, AUDIENCE, "RS256", StaticKeys(JWKS)))
    owner = knock.person(Role.OWNER, knock.agency(), account=False)
    said = None if minutes is None else int(datetime.now(UTC).timestamp()) - 60 * minutes
    answer = make_key(knock.bearer(signed(claims(sub=owner, auth_time=said))))
    assert answer.status_code == expected
    assert answer.json().get("code") == ("step_up_required" if expected == 403 else None)
