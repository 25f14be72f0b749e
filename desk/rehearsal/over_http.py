"""How is a story played over HTTP? The API is served beside the story, on its clock, to people with tokens of ours."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from desk.api.app import create_app
from desk.door.door import Door
from desk.identity.identities import Identities
from desk.identity.limits import Limits
from desk.identity.own_issuer import OwnIssuer
from desk.rehearsal.remote import AUDITOR, Remote, RemoteInquiry
from desk.service import Service
from desk.site import serving
from states.terms import Role
from store import feed, journal

_ENOUGH = 1_000_000


@asynccontextmanager
async def over_http(door: Door) -> AsyncIterator[tuple[Remote, RemoteInquiry]]:
    """Serve the API, and give what sends wishes and asks questions through it."""
    with door.engine.begin() as connection, journal.recording(connection, "feed", door.now()):
        feed.person(connection, AUDITOR, Role.AUDITOR)
    issuer = OwnIssuer()
    service = Service(door, Identities(door.engine, issuers=[issuer.issuer]), Limits(_ENOUGH))
    async with serving(create_app(service), "127.0.0.1", 0) as address:
        remote, inquiry = Remote(address, issuer.token), RemoteInquiry(address, issuer.token)
        try:
            yield remote, inquiry
        finally:
            await remote.close()
            inquiry.close()
