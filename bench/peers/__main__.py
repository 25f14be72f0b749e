"""Lives a second: the full engine beside the job by the book on DBOS Transact, taking turns in one run."""

import gc
import os
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import uvloop

from bench.book.tables import connect
from bench.compare import compare, servers
from bench.engine import opened
from bench.peers.player import PYTHON, SCHEMA, peer
from bench.plan import Plan, asked
from bench.side import worker
from bench.statements import Statements
from bench.turn import OnTemporal, Player

# As many as the machine has cores: Python's lock lets one process use one.
PROCESSES = 2


@asynccontextmanager
async def players(plan: Plan) -> AsyncIterator[list[Player]]:
    """Both sides on one PostgreSQL, which has schemas for each."""
    async with AsyncExitStack() as stack:
        here, settings = await stack.enter_async_context(servers())
        statements, engine = Statements(), connect(here.database_url, SCHEMA)
        casework = await stack.enter_async_context(opened(settings, plan.total, appeal=plan.appeal))
        one = await stack.enter_async_context(worker("bench.engine", str(settings.data_dir)))
        other = await stack.enter_async_context(peer(here.database_url, engine, plan, PROCESSES))
        yield [OnTemporal(casework, one, statements), other]


def main() -> None:
    """Read the command line and run."""
    plan = asked(__doc__, Plan(rounds=4))
    if not PYTHON.exists():
        sys.exit("DBOS has an environment of its own: `make bench-peers` sets it up.")
    uvloop.run(compare(players, plan))
    gc.collect()
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
