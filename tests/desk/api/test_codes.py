"""Codes of a second factor: of now, good once, and no easier to guess for who knows the password."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from knocking import SESSION, STEP_UP, Knock, knocking

from desk.identity.unproven import UnprovenError
from states.terms import Role
from workers.reach import House


@pytest.fixture
def knock(house: House) -> Knock:
    return knocking(house)


@pytest.fixture
def mia(knock: Knock) -> str:
    return knock.person(Role.MODERATOR, with_factor=True)


def other(code: str) -> str:
    return f"{(int(code) + 500_000) % 1_000_000:06}"


def test_a_code_is_good_once(knock: Knock, mia: str) -> None:
    code = knock.code(mia)
    assert knock.login(mia, code=code).json()["second_factor"] == "shown"
    assert knock.login(mia, code=code).status_code == 401
    knock.watch.wait(seconds=30)
    assert knock.login(mia, code=code).status_code == 401
    assert knock.login(mia, code=knock.code(mia)).status_code == 201


def test_a_code_at_once_in_two_browsers_is_good_in_one(knock: Knock, mia: str) -> None:
    accounts, code = knock.identities.accounts, knock.code(mia)
    assert accounts is not None

    def show(_: int) -> bool:
        try:
            accounts.show_factor(mia, code)
        except UnprovenError:
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(show, range(4))) == 1


@pytest.mark.parametrize(("seconds", "expected"), [(-90, 401), (-30, 201), (0, 201), (30, 201), (90, 401)])
def test_a_code_of_the_last_or_next_half_minute_counts(knock: Knock, mia: str, seconds: int, expected: int) -> None:
    knock.watch.wait(seconds=seconds)
    code = knock.code(mia)
    knock.watch.wait(seconds=-seconds)
    assert knock.login(mia, code=code).status_code == expected


def test_a_known_password_does_not_let_codes_be_guessed_for_ever(knock: Knock, mia: str) -> None:
    for _ in range(5):
        assert knock.login(mia).status_code == 201  # without a code: forgets no failure
        assert knock.login(mia, code=other(knock.code(mia))).status_code == 401
    assert knock.login(mia, code=knock.code(mia)).status_code == 401
    assert knock.login(mia).status_code == 401


def test_a_wrong_code_in_a_session_counts_too(knock: Knock, mia: str) -> None:
    browser = knock.browser(mia)
    for _ in range(5):
        assert browser.post(STEP_UP, {"code": other(knock.code(mia))}).json()["code"] == "second_factor_required"
    assert browser.post(STEP_UP, {"code": knock.code(mia)}).status_code == 403
    assert browser.get(SESSION).status_code == 200
