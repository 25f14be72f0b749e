"""What differs? All checks, one after the other; a clean database gives nothing."""

from collections.abc import AsyncIterator, Iterator
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.exc import NoResultFound
from temporalio.client import Client

from activities.books import Books
from desk.verify.attribution import attribution
from desk.verify.chains import chains, seals
from desk.verify.difference import Difference
from desk.verify.outside import told
from desk.verify.penalties import penalties
from desk.verify.quotas import quotas
from desk.verify.scores import scores
from desk.verify.workflows import workflows
from rulebook.fault import RulebookError

# What a falsified row can make of a computation; a database that is away is no difference, and is raised.
UNREADABLE = (LookupError, ValueError, TypeError, OverflowError, NoResultFound, RulebookError)


async def verify(connection: Connection, now: datetime, client: Client | None = None) -> AsyncIterator[Difference]:
    """Recompute everything as of `now`; with a client also ask every case's workflow, outside of the transaction."""
    books = Books()
    checks: dict[str, Iterator[Difference]] = {
        "chains": chains(connection),
        "seals": seals(connection),
        "scores": scores(connection, books, now),
        "penalties": penalties(connection, books, now),
        "attribution": attribution(connection, books),
        "quotas": quotas(connection, books),
        "told": told(connection, books, now),
    }
    for name, check in checks.items():
        try:
            for difference in check:
                yield difference
        except UNREADABLE as error:
            yield Difference(name, f"can't be recomputed to the end: {type(error).__name__}: {error}")
    if client is not None:
        async for difference in workflows(connection, client):
            yield difference
