"""Lives a second: the full engine, the same job by the book and a bare workflow, taking turns in one run."""

import gc
import os
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import uvloop

from bench.bare import Bare, connected
from bench.book.side import SCHEMA, Book, by_the_book
from bench.book.tables import connect
from bench.compare import compare, servers
from bench.engine import opened
from bench.plan import Plan, asked
from bench.side import Side, worker
from bench.statements import Statements
from bench.turn import OnTemporal, Player


@asynccontextmanager
async def players(plan: Plan) -> AsyncIterator[list[Player]]:
    """All sides and their workers, on one pair of servers with a product's settings."""
    async with AsyncExitStack() as stack:
        here, settings = await stack.enter_async_context(servers())
        statements, address, url = Statements(), here.temporal_address, here.database_url
        engine = await stack.enter_async_context(opened(settings, plan.total, appeal=plan.appeal))
        book = await by_the_book(address, plan.options)
        bare = await connected(address, plan.options)
        sides: dict[Side, tuple[str, ...]] = {
            engine: ("bench.engine", str(settings.data_dir)),
            Book(book, connect(url, SCHEMA), plan.total): ("bench.book", address, url, plan.options),
            Bare(bare): ("bench.bare", address, plan.options),
        }
        workers = [await stack.enter_async_context(worker(*command)) for command in sides.values()]
        yield [OnTemporal(side, one, statements) for side, one in zip(sides, workers, strict=True)]


def main() -> None:
    """Read the command line and run."""
    plan = asked(__doc__, Plan())
    uvloop.run(compare(players, plan))
    gc.collect()
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
