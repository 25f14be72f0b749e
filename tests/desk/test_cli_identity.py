"""Accounts and keys by hand: what ops do before anybody can enter over HTTP."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from conftest import feeding, new
from pyotp import parse_uri
from terminal import CASEWORK, Terminal, keys, terminal

from desk.identity.accounts import Accounts
from desk.identity.caller import Scope
from desk.identity.keys import Keys
from desk.identity.unproven import UnprovenError
from states.terms import Role
from store import feed
from workers.clock import Clock
from workers.reach import House

PASSWORD = "correct horse battery"


@pytest.fixture
def at(house: House, tmp_path: Path) -> Terminal:
    url = house.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    return terminal(tmp_path, database_url=url, local_accounts=True, operator="j.doe", **keys(house))


@pytest.fixture
def mia(house: House) -> str:
    with feeding(house) as connection:
        feed.person(connection, made := new("mia"), Role.MODERATOR, regions=["VN"])
    return made


def set_password(at: Terminal, person: str, password: str) -> subprocess.CompletedProcess[str]:
    words = [CASEWORK, "account", "set", person, "--password-stdin"]
    return subprocess.run(
        words, cwd=at.folder, env=at.environment, input=f"{password}\n", capture_output=True, text=True, check=False
    )


def test_a_person_gets_a_password_and_a_second_factor(house: House, at: Terminal, mia: str) -> None:
    done = set_password(at, mia, PASSWORD)
    assert (done.returncode, done.stdout) == (0, f"{mia} has a new password.\n"), done.stderr
    app = parse_uri(at.casework("account", "factor", mia).stdout.strip())
    assert (app.name, app.issuer) == (mia, "Casework")
    code = at.casework("account", "code", mia).stdout.strip()
    assert Accounts(house.engine, Clock().now).login(mia, PASSWORD, code).factor_shown


@pytest.mark.parametrize(("person", "password"), [("mia", "short"), ("nobody", PASSWORD), ("mia", "x" * 1_001)])
def test_what_is_no_password_is_refused(at: Terminal, person: str, password: str) -> None:
    done = set_password(at, person, password)
    assert done.returncode == 2
    assert password not in done.stdout + done.stderr


def test_who_has_no_account_has_no_second_factor(at: Terminal, mia: str) -> None:
    assert at.casework("account", "factor", mia).returncode == 2
    assert at.casework("account", "code", mia).returncode == 2


def test_accounts_are_only_where_they_are_switched_on(house: House, tmp_path: Path) -> None:
    url = house.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    done = terminal(tmp_path, database_url=url).casework("account", "code", "mia")
    assert done.returncode == 1
    assert done.stderr == "Nobody logs in with local accounts here: CASEWORK_LOCAL_ACCOUNTS=true lets them.\n"


def test_the_platform_gets_its_first_key(house: House, at: Terminal) -> None:
    platform = new("platform")
    words = ("key", "create", platform, "--label", "feed", "--scope", "feed", "--scope", "write")
    assert at.refused(*words)["code"] == "not_found"
    made = at.told(*words, "--platform", "--days", "30")
    keys = Keys(Clock().now)
    with house.engine.connect() as connection:
        found = keys.accept(connection, made["key"])
    assert (found.person, found.scopes) == (platform, frozenset({Scope.FEED, Scope.WRITE}))
    (listed,) = at.told("key", "list", platform)
    assert (listed["id"], listed["alive"]) == (made["id"], True)
    assert datetime.fromisoformat(listed["expires_at"]) > datetime.now(UTC)
    assert made["key"] not in at.casework("key", "list", platform).stdout
    assert at.told("key", "revoke", made["id"])["revoked"]
    with house.engine.connect() as connection, pytest.raises(UnprovenError):
        keys.accept(connection, made["key"])


def test_the_command_line_gives_a_key_for_staff(house: House, at: Terminal) -> None:
    words = ("--label", "staff", "--scope", "feed", "--scope", "staff")
    made = at.told("key", "create", platform := new("platform"), *words, "--platform")
    with house.engine.connect() as connection:
        found = Keys(Clock().now).accept(connection, made["key"])
    assert (found.person, found.scopes) == (platform, frozenset({Scope.FEED, Scope.STAFF}))


@pytest.mark.parametrize(
    "words",
    [("key", "create", "platform", "--label", "x", "--scope", "read"), ("account", "code", "mia")],
    ids=" ".join,
)
def test_nobody_gets_a_key_or_a_password_where_nobody_is_accountable(at: Terminal, words: tuple[str, ...]) -> None:
    del at.environment["CASEWORK_OPERATOR"]
    done = at.casework(*words)
    assert (done.returncode, "CASEWORK_OPERATOR" in done.stderr) == (1, True)


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (("create", "mia", "--label", "x", "--scope", "read"), "person"),
        (("create", "ann", "--label", "x", "--scope", "feed"), "scopes"),
        (("create", "ann", "--label", "x", "--scope", "staff"), "scopes"),
        (("create", "ann", "--label", "x", "--scope", "read", "--days", "367"), "expires_in_days"),
        (("create", "plat\nform", "--label", "x", "--scope", "feed", "--platform"), "person"),
        (("create", "plat\u202eform", "--label", "x", "--scope", "feed", "--platform"), "person"),
        (("create", "ann", "--label", "\x1b[2J", "--scope", "read"), "label"),
        (("create", "lotus", "--label", "x", "--scope", "feed", "--platform"), "person"),
        (("revoke", "none"), "key"),
    ],
)
def test_a_key_that_cannot_be_is_refused(at: Terminal, words: tuple[str, ...], field: str) -> None:
    assert at.refused("key", *words)["field"] == field
