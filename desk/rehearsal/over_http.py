"""A rehearsal over HTTP: the API is served on the story's clock, and people bring tokens of `OwnIssuer`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from desk.api.app import create_app
from desk.evidence.keep import Intake
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
from store.objects import Objects

_ENOUGH = 1_000_000


@asynccontextmanager
async def over_http(ends: Ends) -> AsyncIterator[tuple[Remote, RemoteInquiry]]:
    """Serve the API, and give what sends wishes and asks questions through it."""
    async with direct(ends) as (door, _):
        with door.engine.begin() as connection, journal.recording(connection, "feed", door.now()):
            feed.person(connection, AUDITOR, Role.AUDITOR)
        issuer = OwnIssuer()
        identities = Identities(door.engine, issuers=[issuer.issuer])
        with TemporaryDirectory() as folder:
            intake = Intake(Objects(Path(folder).as_uri()), Path(folder))
            service = Service(door, identities, Limits(_ENOUGH), intake)
            async with serving(create_app(service), "127.0.0.1", 0) as address:
                remote, inquiry = Remote(address, issuer.token), RemoteInquiry(address, issuer.token)
                try:
                    yield remote, inquiry
                finally:
                    await remote.close()
                    inquiry.close()
