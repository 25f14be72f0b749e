"""A rehearsal over HTTP: the API is served on the story's clock, and people bring tokens of `OwnIssuer`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from desk.api.app import create_app
from desk.identity.identities import Identities
from desk.identity.limits import Limits
from desk.identity.own_issuer import OwnIssuer
from desk.rehearsal.direct import direct
from desk.rehearsal.remote import AUDITOR, Remote, RemoteInquiry
from desk.service import Service
from desk.site import serving
from ops.rehearsal.stage.desk import Ends
from states.terms import Role
from store import feed, journal

_ENOUGH = 1_000_000


@asynccontextmanager
async def over_http(ends: Ends) -> AsyncIterator[tuple[Remote, RemoteInquiry]]:
    """Serve the API, and give what sends wishes and asks questions through it."""
    async with direct(ends) as (at, _):
        with ends.engine.begin() as connection, journal.recording(connection, "feed", ends.now()):
            feed.person(connection, AUDITOR, Role.AUDITOR)
        issuer = OwnIssuer()
        service = Service(at.door, Identities(ends.engine, issuers=[issuer.issuer]), Limits(_ENOUGH), at.intake)
        async with serving(create_app(service), "127.0.0.1", 0) as address:
            remote, inquiry = Remote(address, issuer.token), RemoteInquiry(address, issuer.token)
            try:
                yield remote, inquiry
            finally:
                await remote.close()
                inquiry.close()
