"""The house that tests live in: real servers, started once a run. Each test brings its own people, by builders."""

from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import pytest

from desk import cast
from desk.door import Door
from desk.inquiry import Inquiry
from rulebook.terms import CreatorClass
from states.terms import Role
from store import feed
from store.party import Profile
from workers.house import House, up
from workers.settings import Settings

REGION = cast.REGION
_numbers = count(1)


@pytest.fixture(scope="session")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """PostgreSQL, Temporal and a sandboxed worker with its sweep; the demo cast lives in it."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("house"), sandbox=True)
    async with up(settings, ephemeral=True, headless=True) as (house, _):
        async with house.engine.begin() as connection:
            await cast.enter(connection)
        yield house


@pytest.fixture(scope="session")
def door(house: House) -> Door:
    return Door(house.engine, house.client, house.key, house.settings.task_queue, house.clock.now)


@pytest.fixture(scope="session")
def inquiry(house: House) -> Inquiry:
    return Inquiry(house.engine, house.clock.now)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that strangers may not enter, as an installation's is."""
    tmp_path.chmod(0o700)
    return tmp_path


def new(name: str) -> str:
    """A name that nobody else has in this run; it says what it is for."""
    return f"{name}-{next(_numbers)}"


async def agency(house: House, name: str = "agency", region: str = REGION) -> tuple[str, str]:
    """A new agency: its id, and its owner's."""
    made, owner = new(name), new(f"{name}.owner")
    async with house.engine.begin() as connection:
        await feed.agency(connection, made, region)
        await feed.person(connection, owner, Role.OWNER, agency=made)
    return made, owner


async def member(house: House, role: Role, of: str | None = None, region: str = REGION) -> str:
    """A new person: somebody of an agency, or one of the staff of a region."""
    made = new(role)
    async with house.engine.begin() as connection:
        await feed.person(connection, made, role, agency=of, regions=[] if of else [region])
    return made


async def creator(house: House, of: str | None = None, agent: str | None = None, region: str = REGION) -> str:
    """A new creator, whom an agency manages or nobody."""
    made = new("creator")
    async with house.engine.begin() as connection:
        await feed.creator(connection, made, region, Profile(CreatorClass.STANDARD, 1, 0, 0))
        await feed.management(connection, made, of, agent)
    return made
