"""How is a story played over HTTP? The API is served beside the story, on its clock, to people with tokens of ours."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from sqlalchemy import Engine
from temporalio.client import Client

from activities.books import Books
from desk.api.app import create_app
from desk.api.identity.identities import Identities
from desk.api.identity.own_issuer import OwnIssuer
from desk.api.limits import Limits
from desk.api.serve import serving
from desk.api.service import Service
from desk.door import Door
from desk.dossier import Dossiers
from desk.inquiry import Inquiry
from desk.rehearsal.remote import AUDITOR, Remote, RemoteInquiry
from states.terms import Role
from store import feed, journal, seal

_ENOUGH = 1_000_000


@asynccontextmanager
async def over_http(
    engine: Engine, client: Client, door: Door, now: Callable[[], datetime]
) -> AsyncIterator[tuple[Remote, RemoteInquiry]]:
    """Serve the API, and give what sends wishes and asks questions through it."""
    with engine.begin() as connection:
        seal.forget(connection)
        feed.person(connection, AUDITOR, Role.AUDITOR)
        journal.record(connection, "feed", now())
    issuer = OwnIssuer()
    identities = Identities(engine, issuers=[issuer.issuer])
    asked, seen = Inquiry(engine, now), Dossiers(engine, now)
    service = Service(engine, client, door, asked, seen, Books(), identities, Limits(_ENOUGH), now)
    async with serving(create_app(service), "127.0.0.1", 0) as address:
        remote, inquiry = Remote(address, issuer.token), RemoteInquiry(address, issuer.token)
        try:
            yield remote, inquiry
        finally:
            await remote.close()
            inquiry.close()
