"""Local accounts: guessing does not pay, a code is good once, and nobody learns who has an account."""

from concurrent.futures import ThreadPoolExecutor
from statistics import median
from time import perf_counter

import pytest
from argon2 import PasswordHasher
from conftest import feeding
from knocking import PASSWORD, QUICK, SESSION, Knock, knocking

from activities.feed import people
from activities.rulebooks import Rulebooks
from desk.demo import accounts as demo_accounts
from desk.demo import cast
from desk.identity.accounts import Accounts, hashed
from desk.identity.unproven import UnprovenError
from rulebook.terms import CreatorClass
from states.terms import Role
from store import feed, identity, party
from store.party import Profile
from workers.reach import House

WRONG = "not the password"


@pytest.fixture
def knock(house: House) -> Knock:
    return knocking(house)


@pytest.fixture
def kim(knock: Knock) -> str:
    return knock.person(Role.CREATOR)


@pytest.fixture
def mia(knock: Knock) -> str:
    return knock.person(Role.MODERATOR, with_factor=True)


def other(code: str) -> str:
    return f"{(int(code) + 500_000) % 1_000_000:06}"


def test_the_right_password_opens(knock: Knock, kim: str) -> None:
    answer = knock.login(kim)
    assert (answer.status_code, answer.json()["second_factor"]) == (201, "none")


def test_a_letter_may_be_composed_in_two_ways(knock: Knock, kim: str) -> None:
    with knock.house.engine.begin() as connection:
        identity.enter_account(connection, kim, hashed("caf\u00e9 au lait noir", QUICK))
    assert knock.login(kim, "cafe\u0301 au lait noir").status_code == 201


def test_every_failure_looks_the_same(knock: Knock, kim: str, mia: str) -> None:
    no_account = knock.person(Role.CREATOR, account=False)
    answers = [
        knock.login(kim, WRONG),
        knock.login("nobody.at.all", WRONG),
        knock.login(no_account, WRONG),
        knock.login(mia, code=other(knock.code(mia))),
        *[knock.login(kim, WRONG) for _ in range(5)],
        knock.login(kim),
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1
    assert all("Set-Cookie" not in answer.headers for answer in answers)


def test_somebody_unknown_costs_the_same_time(knock: Knock) -> None:
    accounts = Accounts(knock.house.engine, knock.watch.now, PasswordHasher(time_cost=2, memory_cost=16_384))
    known = knock.person(Role.CREATOR, account=False)
    with knock.house.engine.begin() as connection:
        identity.enter_account(connection, known, hashed(PASSWORD, PasswordHasher(time_cost=2, memory_cost=16_384)))

    def took(person: str) -> float:
        began = perf_counter()
        with pytest.raises(UnprovenError):
            accounts.login(person, WRONG)
        return perf_counter() - began

    times = [(took(known), took("nobody.at.all")) for _ in range(9)]
    assert median(unknown for _, unknown in times) > median(there for there, _ in times) / 3


def test_repeated_failures_make_growing_pauses(knock: Knock, kim: str) -> None:
    for _ in range(4):
        assert knock.login(kim, WRONG).status_code == 401
    assert knock.login(kim).status_code == 201  # four are forgiven
    for _ in range(5):
        knock.login(kim, WRONG)
    assert knock.login(kim).status_code == 401
    knock.watch.wait(seconds=30)
    knock.login(kim, WRONG)
    knock.watch.wait(seconds=59)
    assert knock.login(kim).status_code == 401
    knock.watch.wait(seconds=1)
    assert knock.login(kim).status_code == 201
    assert knock.account(kim).failures == 0


def test_a_pause_is_a_quarter_of_an_hour_at_most(knock: Knock, kim: str) -> None:
    with knock.house.engine.begin() as connection:
        identity.change_account(connection, kim, {"failures": 5_000})
    knock.login(kim, WRONG)
    knock.watch.wait(minutes=14)
    assert knock.login(kim).status_code == 401
    knock.watch.wait(minutes=1)
    assert knock.login(kim).status_code == 201


def test_many_guesses_at_once_are_no_more_than_one_by_one(knock: Knock, kim: str) -> None:
    accounts = knock.identities.accounts
    assert accounts is not None

    def guess(password: str) -> bool:
        try:
            return accounts.login(kim, password).person == kim
        except UnprovenError:
            return False

    with ThreadPoolExecutor(8) as threads:
        assert not any(threads.map(guess, [WRONG] * 40))
    assert knock.account(kim).failures == 5
    assert not guess(PASSWORD)


def test_a_password_is_hashed_anew_when_the_parameters_change(knock: Knock, kim: str) -> None:
    stronger = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
    before = knock.account(kim).password
    Accounts(knock.house.engine, knock.watch.now, stronger).login(kim, PASSWORD)
    after = knock.account(kim).password
    assert before != after
    assert not stronger.check_needs_rehash(after)
    assert knock.login(kim).status_code == 201


def test_by_default_the_hash_is_argon2id() -> None:
    assert hashed(PASSWORD).startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_a_flood_of_logins_is_turned_away_at_once(knock: Knock, kim: str) -> None:
    slow = PasswordHasher(time_cost=20, memory_cost=32_768, parallelism=1)
    with knock.house.engine.begin() as connection:
        identity.enter_account(connection, kim, hashed(PASSWORD, slow))
    knock.identities.accounts = Accounts(knock.house.engine, knock.watch.now, slow)
    with ThreadPoolExecutor(32) as threads:
        codes = [answer.status_code for answer in threads.map(lambda _: knock.login(kim), range(32))]
    assert set(codes) == {201, 429}
    assert codes.count(201) >= 12
    assert knock.account(kim).failures == 0


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"person": "", "password": PASSWORD},
        {"person": "a\x00b", "password": PASSWORD},
        {"person": "kim", "password": "x" * 1_001},
        {"person": "kim", "password": PASSWORD, "code": "12345"},
        {"person": "kim", "password": PASSWORD, "code": "\uff11\uff12\uff13\uff14\uff15\uff16"},
        {"person": "kim", "password": PASSWORD, "remember": True},
        {"person": ["kim"], "password": PASSWORD},
    ],
)
def test_what_is_no_login_is_refused_without_its_password(knock: Knock, said: dict[str, object]) -> None:
    answer = knock.client().post(SESSION, said)
    assert answer.status_code == 422
    assert PASSWORD not in answer.text


def test_the_demo_cast_logs_in_with_what_everybody_can_read(house: House, knock: Knock) -> None:
    with feeding(house) as connection:
        demo_accounts.introduce(connection)
    with house.engine.begin() as connection:
        demo_accounts.introduce(connection)  # again, on an engine that was stopped
    assert house.settings.logs_in
    everybody = Accounts(house.engine, knock.watch.now, demo=True)
    assert everybody.login("ann", demo_accounts.PASSWORD).has_factor is False
    for person in cast.STAFF:
        code = knock.code(person)
        assert everybody.login(person, demo_accounts.PASSWORD, code).factor_shown


def test_who_changed_sides_stays_there_when_a_demo_is_started_again(house: House) -> None:
    with house.engine.connect() as connection:
        now = house.clock.now()
        cast.introduce(connection, now)
        for name, role, agency in (("eve", Role.AGENT, "jade"), ("max", Role.SENIOR_MODERATOR, None)):
            people.person(connection, Rulebooks(), name, people.Fed(role, agency, [] if agency else ["VN"], []), now)
        feed.creator(connection, "kim", "VN", Profile(CreatorClass.PROFESSIONAL, 3, 5, 5))
        cast.introduce(connection, now)
        eve, raised = party.actor(connection, "eve"), party.actor(connection, "max")
        kim = party.profile(connection, "kim", now)
        connection.rollback()
    assert eve is not None
    assert eve.agency == "jade"
    assert raised is not None
    assert raised.role is Role.SENIOR_MODERATOR
    assert kim == Profile(CreatorClass.PROFESSIONAL, 3, 5, 5)


def test_who_left_has_no_account_when_a_demo_is_started_again(house: House) -> None:
    with house.engine.connect() as connection:
        now = house.clock.now()
        cast.introduce(connection, now)
        demo_accounts.introduce(connection)
        people.end(connection, Rulebooks(), "max", now)
        people.end(connection, Rulebooks(), "lee", now)
        cast.introduce(connection, now)
        demo_accounts.introduce(connection)
        found = {name: identity.account(connection, name) for name in ("max", "lee", "mia")}
        connection.rollback()
    assert [name for name, account in found.items() if account is not None] == ["mia"]
