"""Tokens of identity providers: whatever is not exactly right is refused, and nobody is told why."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from conftest import feeding
from hostile import AUDIENCE, CASES, FINE, ISSUER, JWKS, PERSON, claims, signed
from knocking import SESSION, Knock, knocking

from desk.identity.identities import Identities
from desk.identity.jwks import StaticKeys
from desk.identity.oidc import Issuer
from states.terms import AGENCY_ROLES, STAFF, Role
from store import feed
from workers.provider import Provider
from workers.reach import House

PROVIDER = Issuer(
    ISSUER, AUDIENCE, "RS256", StaticKeys(JWKS), frozenset({Role.CREATOR, Role.CLOCK}), frozenset({"mfa"})
)


@pytest.fixture(scope="module")
def always(house: House) -> Knock:
    with feeding(house) as connection:
        feed.person(connection, PERSON, Role.CREATOR)
        feed.person(connection, "hostile.ops", Role.OPS, regions=["VN"])
        feed.person(connection, "hostile.clock", Role.CLOCK)
    return knocking(house, PROVIDER)


@pytest.fixture
def knock(always: Knock) -> Knock:
    """At the time of the tokens that are made now."""
    always.watch.at = datetime.now(UTC)
    return always


@pytest.mark.parametrize("token", FINE.values(), ids=FINE)
def test_a_good_token_is_accepted(knock: Knock, token: Callable[[], str]) -> None:
    answer = knock.bearer(token()).get(SESSION)
    assert (answer.status_code, answer.json().get("person")) == (200, PERSON), answer.text


@pytest.mark.parametrize("token", CASES.values(), ids=CASES)
def test_a_hostile_token_is_refused_like_every_other(knock: Knock, token: Callable[[], str]) -> None:
    answer = knock.bearer(token()).get(SESSION)
    said = answer.json()
    assert (answer.status_code, said["code"]) == (401, "unauthenticated")
    assert said["detail"] == "What says who you are is not accepted."
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="casework", error="invalid_token"'


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Basic YTpi", "bearer  {}", "Bearer {}, Bearer {}", "Token {}", "{}", "Bearer\t{}"]
)
def test_a_header_of_another_form_is_refused(knock: Knock, header: str) -> None:
    given = header.replace("{}", signed(claims()))
    assert knock.client(Authorization=given).get(SESSION).status_code == 401


def test_two_proofs_are_refused(knock: Knock) -> None:
    token = f"Bearer {signed(claims())}"
    twice = knock.client().get(SESSION, headers=[("Authorization", token), ("Authorization", token)])
    both = knock.client(Authorization=token, Cookie=f"__Host-casework={'x' * 43}").get(SESSION)
    for answer in (twice, both):
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
        assert "with one proof" in answer.json()["detail"]


def test_who_shows_nothing_is_asked_who_they_are(knock: Knock) -> None:
    answer = knock.client().get(SESSION)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="casework"'


def test_the_role_comes_from_the_row_and_never_from_the_token(knock: Knock) -> None:
    agent = knock.person(Role.AGENT, made := knock.agency(), account=False)
    who = knock.as_token(agent).get(SESSION).json()
    assert (who["role"], who["agency"], who["via"], who["csrf_token"]) == ("agent", made, "token", None)
    lying = signed(claims(role="ops", agency="lotus", scope="everything"))
    assert knock.bearer(lying).get(SESSION).json()["role"] == "creator"


@pytest.mark.parametrize(
    ("roles", "vouched"),
    [
        (None, {Role.OWNER, Role.AGENT, Role.CREATOR}),
        ({Role.MODERATOR}, {Role.MODERATOR}),
        ({Role.OPS, Role.PLATFORM, Role.OWNER}, {Role.OPS, Role.PLATFORM, Role.OWNER}),
    ],
)
def test_a_provider_vouches_for_staff_and_platform_only_where_its_roles_say_so(
    house: House, roles: set[Role] | None, vouched: set[Role]
) -> None:  # fmt: skip
    said = {"issuer": ISSUER, "audience": AUDIENCE, "jwks_url": "https://id.test/keys", "algorithm": "RS256"}
    provider = Provider.model_validate(said if roles is None else said | {"roles": roles})
    knock = knocking(house, Issuer(ISSUER, AUDIENCE, "RS256", StaticKeys(JWKS), provider.roles))
    agency = knock.agency()
    of = {role: agency if role in AGENCY_ROLES else None for role in Role if role not in {Role.CLOCK, Role.ENGINE}}
    people = {role: knock.person(role, home, account=False) for role, home in of.items()}
    asked = {role: knock.bearer(signed(claims(sub=who))).get(SESSION).status_code for role, who in people.items()}
    assert {role for role, status in asked.items() if status == 200} >= vouched
    assert {role for role, status in asked.items() if status == 401} >= {*STAFF, Role.PLATFORM} - vouched


def test_a_second_factor_is_what_the_provider_says_it_is(knock: Knock) -> None:
    mia = knock.person(Role.MODERATOR, account=False)
    assert knock.as_token(mia).get(SESSION).json()["second_factor"] == "shown"
    assert knock.as_token(mia, second_factor=False).get(SESSION).json()["second_factor"] == "needed"
    assert knock.as_token(PERSON).get(SESSION).json()["second_factor"] == "none"


@pytest.mark.parametrize("algorithm", ["HS256", "none", "None", "", "RS1"])
def test_only_asymmetric_algorithms_can_be_configured(algorithm: str) -> None:
    with pytest.raises(ValueError, match="is none of RS256"):
        Issuer(ISSUER, AUDIENCE, algorithm, StaticKeys(JWKS))


def test_one_issuer_is_configured_once(house: House) -> None:
    with pytest.raises(ValueError, match="two issuers"):
        Identities(house.engine, issuers=[PROVIDER, PROVIDER])


def test_a_token_ends(knock: Knock) -> None:
    token = knock.own.token(PERSON, lifetime=timedelta(minutes=5))
    assert knock.bearer(token).get(SESSION).status_code == 200
    knock.watch.wait(minutes=5, seconds=31)
    assert knock.bearer(token).get(SESSION).status_code == 401
