"""What differs? All checks, one after the other; a clean database gives nothing."""

from collections.abc import AsyncIterator
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection
from temporalio.client import Client

from activities.library import Library
from desk.verify.chains import chains, seals
from desk.verify.difference import Difference
from desk.verify.outside import told, workflows
from desk.verify.penalties import penalties
from desk.verify.quotas import quotas
from desk.verify.scores import scores


async def verify(connection: AsyncConnection, now: datetime, client: Client | None = None) -> AsyncIterator[Difference]:
    """Recompute everything as of `now`; with a client also ask every case's workflow."""
    library = Library()
    checks = [
        chains(connection),
        seals(connection),
        scores(connection, library, now),
        penalties(connection, library),
        quotas(connection, library),
        told(connection, library, now),
    ]
    if client is not None:
        checks.append(workflows(connection, client))
    for check in checks:
        async for difference in check:
            yield difference
