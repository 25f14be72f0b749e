"""What does every route work with? One door, whoever reads beside it, and who may come in."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from fastapi import Request
from sqlalchemy import Engine
from temporalio.client import Client

from activities.books import Books
from desk.api.identity.identities import Identities
from desk.api.limits import Limits
from desk.door import Door
from desk.dossier import Dossiers
from desk.inquiry import Inquiry
from desk.sheet import Sheets


@dataclass(frozen=True)
class Service:
    """`now` is the engine's clock: a rehearsal's story has its own, while identities go by the real one.

    `embedded`: the database is our own and nobody elsewhere can ask; then receivers of webhooks may be here, too.
    """

    door: Door
    identities: Identities
    limits: Limits
    embedded: bool = False

    @property
    def engine(self) -> Engine:
        """The database."""
        return self.door.engine

    @property
    def client(self) -> Client:
        """Temporal."""
        return self.door.client

    @property
    def books(self) -> Books:
        """The stored rulebooks."""
        return self.door.books

    @property
    def now(self) -> Callable[[], datetime]:
        """The engine's clock."""
        return self.door.now

    @cached_property
    def inquiry(self) -> Inquiry:
        """How things stand."""
        return Inquiry(self.engine, self.now, self.books)

    @cached_property
    def dossiers(self) -> Dossiers:
        """Cases, as somebody may see them."""
        return Dossiers(self.engine, self.now, self.books)

    @cached_property
    def sheets(self) -> Sheets:
        """Agencies and creators, as somebody may see them."""
        return Sheets(self.engine, self.now, self.books)


def service(request: Request) -> Service:
    """The service that the application was made with."""
    found: Service = request.app.state.service
    return found
