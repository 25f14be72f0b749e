"""The reference model stands beside the tests that use it; each rulebook has a court of its own, once a run."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from court import Court, court

from desk.rehearsal.servers import Servers, servers
from workers.settings import Settings


@pytest.fixture(scope="session")
async def places() -> AsyncIterator[Servers]:
    async with servers(Settings()) as running:
        yield running


@pytest.fixture(scope="session")
async def reprice(places: Servers) -> AsyncIterator[Court]:
    async with court(places) as sitting:
        yield sitting


@pytest.fixture(scope="session")
async def freeze(places: Servers) -> AsyncIterator[Court]:
    async with court(places, **{"appeals.on_overturn": "freeze"}) as sitting:
        yield sitting
