"""A house whose database is its owner's: a benchmark fills tables past the product, and vacuums them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from store.engine import connect
from store.in_thread import close
from workers.reach import House, reach
from workers.settings import Settings


@asynccontextmanager
async def owned(settings: Settings) -> AsyncIterator[House]:
    """Reach an engine that runs on the settings' data folder."""
    async with reach(settings) as here:
        engine = connect(here.owner_url, keyring=here.keyring)
        try:
            yield replace(here, engine=engine)
        finally:
            close(engine)
