"""Browsers' sessions: only our own pages change anything, tokens change where trust does, and all of it ends."""

import pytest
import sqlalchemy as sa
from asking import asking
from knocking import ORIGIN, PASSWORD, SESSION, STEP_UP, Client, Knock, knocking

from desk.identity.sessions import COOKIE
from states.terms import Role
from store.schema.identity import sessions
from workers.reach import House


@pytest.fixture
def knock(house: House) -> Knock:
    return knocking(house)


@pytest.fixture
def owner(knock: Knock) -> str:
    return knock.person(Role.OWNER, knock.agency())


def status(browser: Client) -> int:
    return browser.get(SESSION).status_code


def test_the_cookie_is_for_us_alone(knock: Knock, owner: str) -> None:
    answer = knock.login(owner)
    name, *attributes = answer.headers["Set-Cookie"].split("; ")
    assert name.startswith("__Host-casework=")
    assert {each.lower() for each in attributes} == {"httponly", "secure", "samesite=lax", "path=/", "max-age=43200"}
    assert answer.headers["Cache-Control"] == "no-store"
    token = name.partition("=")[2]
    assert token not in answer.text
    with knock.house.engine.connect() as connection:
        assert token not in str(connection.execute(sa.select(sessions)).all())


def test_the_database_is_never_asked_on_the_event_loop(knock: Knock, owner: str) -> None:
    """A statement that waits there lets everybody wait."""
    creator = knock.person(Role.CREATOR, with_factor=True)
    with asking(knock.house.engine) as asked:
        knock.browser(owner)
        browser = knock.browser(creator, code=knock.code(creator))
        knock.watch.wait(minutes=2)
        assert browser.post(STEP_UP, {"code": knock.code(creator)}).status_code == 200
        assert browser.get("/api/v1/nowhere").status_code == 404
    assert len(asked.statements) > 10
    assert asked.on_the_loop == []


def test_a_session_says_who_it_is(knock: Knock, owner: str) -> None:
    browser = knock.browser(owner)
    said = browser.get(SESSION).json()
    assert (said["person"], said["role"], said["via"], said["scopes"]) == (owner, "owner", "session", None)
    assert said["csrf_token"] == browser.headers["X-CSRF-Token"]
    assert said["ends_at"] is not None


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, 403),
        ({"X-CSRF-Token": "given"}, 403),
        ({"Origin": ORIGIN}, 403),
        ({"Origin": ORIGIN, "X-CSRF-Token": "x" * 64}, 403),
        ({"Origin": ORIGIN, "X-CSRF-Token": "given-"}, 403),
        ({"Origin": ORIGIN, "X-CSRF-Token": "\xe9"}, 403),
        ({"Origin": "https://evil.test", "X-CSRF-Token": "given"}, 403),
        ({"Origin": "null", "X-CSRF-Token": "given"}, 403),
        ({"Origin": "http://casework.test", "X-CSRF-Token": "given"}, 403),
        ({"Origin": f"{ORIGIN}.evil.test", "X-CSRF-Token": "given"}, 403),
        ({"Origin": f"{ORIGIN}:8443", "X-CSRF-Token": "given"}, 403),
        ({"Referer": "https://evil.test/casework.test", "X-CSRF-Token": "given"}, 403),
        ({"Referer": f"{ORIGIN}@evil.test/", "X-CSRF-Token": "given"}, 403),
        ({"Origin": "https://evil.test", "Referer": f"{ORIGIN}/page", "X-CSRF-Token": "given"}, 403),
        ({"Referer": f"{ORIGIN}/page", "X-CSRF-Token": "given"}, 204),
        ({"Origin": ORIGIN, "X-CSRF-Token": "given"}, 204),
    ],
)
def test_only_our_own_pages_change_anything(
    knock: Knock, owner: str, headers: dict[str, str], expected: int
) -> None:  # fmt: skip
    browser = knock.client()
    given = browser.post(SESSION, {"person": owner, "password": PASSWORD}).json()["csrf_token"]
    sent = {name: value.replace("given", given).encode("latin-1") for name, value in headers.items()}
    answer = browser.request("DELETE", SESSION, headers=sent)
    assert answer.status_code == expected
    assert status(browser) == (401 if expected == 204 else 200)


def test_anothers_csrf_token_is_worth_nothing(knock: Knock, owner: str) -> None:
    browser, other = knock.browser(owner), knock.browser(owner)
    assert browser.delete(SESSION, **{"X-CSRF-Token": other.headers["X-CSRF-Token"]}).status_code == 403


def test_another_site_logs_nobody_in(knock: Knock, owner: str) -> None:
    said = {"person": owner, "password": PASSWORD}
    assert knock.client(Origin="https://evil.test").post(SESSION, said).status_code == 403
    assert knock.client(Referer="https://evil.test/").post(SESSION, said).status_code == 403


def test_without_a_configured_origin_it_is_the_one_that_was_asked(house: House) -> None:
    knock = knocking(house, origin="")
    browser = knock.browser(knock.person(Role.OWNER, knock.agency()))
    assert browser.delete(SESSION, Origin="https://evil.test").status_code == 403
    assert browser.delete(SESSION).status_code == 204


def test_a_login_never_takes_up_the_token_that_it_was_given(knock: Knock, owner: str) -> None:
    planted = "p" * 43
    browser = knock.client(Cookie=f"{COOKIE}={planted}")
    token = browser.post(SESSION, {"person": owner, "password": PASSWORD}).cookies[COOKIE]
    assert token != planted
    assert status(knock.client(Cookie=f"{COOKIE}={planted}")) == 401
    again = knock.client(Cookie=f"{COOKIE}={token}")
    assert status(again) == 200
    again.post(SESSION, {"person": owner, "password": PASSWORD})
    assert status(knock.client(Cookie=f"{COOKIE}={token}")) == 401  # the session before has ended


def test_a_session_that_nobody_uses_ends(knock: Knock, owner: str) -> None:
    browser = knock.browser(owner)
    for _ in range(3):
        knock.watch.wait(minutes=29)
        assert status(browser) == 200
    knock.watch.wait(minutes=30)
    assert status(browser) == 401


def test_a_session_ends_after_half_a_day_whatever_is_done(knock: Knock, owner: str) -> None:
    browser = knock.browser(owner)
    for _ in range(12 * 4 - 1):
        knock.watch.wait(minutes=15)
        assert status(browser) == 200
    knock.watch.wait(minutes=15)
    assert status(browser) == 401


def test_being_seen_is_written_at_most_once_a_minute(knock: Knock, owner: str) -> None:
    browser = knock.browser(owner)

    def seen() -> object:
        with knock.house.engine.connect() as connection:
            return connection.execute(sa.select(sessions.c.seen_at).where(sessions.c.person == owner)).scalar_one()

    begun = seen()
    knock.watch.wait(seconds=59)
    browser.get(SESSION)
    assert seen() == begun
    knock.watch.wait(seconds=1)
    browser.get(SESSION)
    assert seen() == knock.watch.now()


def test_logging_out_ends_the_session_everywhere(knock: Knock, owner: str) -> None:
    browser = knock.browser(owner)
    copied = knock.client(Cookie=f"{COOKIE}={browser.cookies[COOKIE]}")
    answer = browser.delete(SESSION)
    assert answer.status_code == 204
    assert 'casework="";' in answer.headers["Set-Cookie"]
    assert status(copied) == 401


@pytest.mark.parametrize(
    "cookie", ["", "x", "x" * 43, "x" * 5_000, "' OR 1=1 --", "\xff" * 43, '"{}"', "{};__Host-casework={}"]
)
def test_a_cookie_that_is_not_exactly_right_is_refused(knock: Knock, owner: str, cookie: str) -> None:
    token = knock.browser(owner).cookies[COOKIE]
    sent = f"{COOKIE}={cookie.replace('{}', token)}".encode("latin-1")
    assert knock.client().request("GET", SESSION, headers={"Cookie": sent}).status_code == 401


def test_without_local_accounts_no_session_counts(house: House, knock: Knock, owner: str) -> None:
    token = knock.browser(owner).cookies[COOKIE]
    closed = knocking(house, local_accounts=False)
    assert status(closed.client(Cookie=f"{COOKIE}={token}")) == 401
    assert closed.login(owner).status_code == 403


def test_a_token_has_no_session_to_end(knock: Knock, owner: str) -> None:
    assert knock.as_token(owner).delete(SESSION).status_code == 404
    assert knock.as_token(owner).post(STEP_UP, {"code": "123456"}).status_code == 404
