"""The house that tests live in: real servers, started once a run. Each test brings its own people, by builders."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import Connection

from desk.demo import cast
from desk.door.door import Door
from rulebook.terms import CreatorClass
from states.terms import Role
from store import feed, journal
from store.party import Profile
from workers.house import up
from workers.reach import House
from workers.settings import Settings

pytest_plugins = ["browsers"]
# No test is timed: how long an example takes, and drawing one, says how busy the machine is.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")
_numbers = count(1)
# The files that take longest, first: at the end nobody waits long for the others.
LONGEST = (
    "test_scenarios.py", "test_verify.py", "test_random_commits.py", "test_schema.py", "test_away.py", "test_random_scores.py",
    "test_embedded.py", "test_cli_engine.py", "test_cli_rehearse.py", "test_courier.py", "test_cli_identity.py",
    "test_sight.py", "test_curl.py", "test_door.py", "test_random_people.py", "test_embedded_recovery.py",
    "test_chaos.py", "test_under_failures.py",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the files so that those who run them end at about the same time."""
    order = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: order.get(item.path.name, len(order)))


@pytest.fixture(scope="session")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """PostgreSQL, Temporal and a sandboxed worker with its sweep; the demo cast lives in it."""
    intervals = [f'history.{queue}ProcessorUpdateAckInterval="500ms"' for queue in ("transfer", "visibility")]
    extra = [word for each in intervals for word in ("--dynamic-config-value", each)]  # deleted histories go at once
    settings = Settings(data_dir=tmp_path_factory.mktemp("house"), sandbox=True)
    async with up(settings, ephemeral=True, headless=True, extra=extra) as (house, _):
        with house.engine.begin() as connection:
            cast.introduce(connection, house.clock.now())
        yield house


@pytest.fixture(scope="session")
async def door(house: House) -> AsyncIterator[Door]:
    async with Door.of(house) as made:
        yield made


def new(name: str) -> str:
    return f"{name}-{next(_numbers)}"  # nobody else has it in this run


async def send(door: Door, actor: str, verb: str, **said: Any) -> dict[str, Any]:
    """A wish that nobody sent before."""
    return await door.send(actor, verb, said, key=new("key"))


@contextmanager
def feeding(house: House) -> Iterator[Connection]:
    """A transaction in which the platform feeds; what it fed is recorded."""
    with house.engine.begin() as connection, journal.recording(connection, "feed", house.clock.now()):
        yield connection


async def agency(house: House, name: str = "agency", region: str = cast.REGION) -> tuple[str, str]:
    """A new agency, and its owner."""
    made, owner = new(name), new(f"{name}.owner")
    with feeding(house) as connection:
        feed.agency(connection, made, region)
        feed.person(connection, owner, Role.OWNER, agency=made)
    return made, owner


async def person(house: House, role: Role, of: str | None = None, region: str = cast.REGION) -> str:
    """A new person: somebody of an agency, or one of the staff of a region."""
    with feeding(house) as connection:
        feed.person(connection, made := new(role), role, agency=of, regions=[] if of else [region])
    return made


async def creator(house: House, of: str | None = None, agent: str | None = None) -> str:
    """A new creator, whom an agency manages or nobody."""
    with feeding(house) as connection:
        feed.creator(connection, made := new("creator"), cast.REGION, Profile(CreatorClass.STANDARD, 1, 0, 0))
        feed.management(connection, made, of, agent)
    return made
