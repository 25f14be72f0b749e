"""What does every route work with? The engine's ends, made once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from fastapi import Request
from sqlalchemy import Engine
from temporalio.client import Client

from activities.books import Books
from desk.api.identity.identities import Identities
from desk.api.limits import Limits
from desk.door import Door
from desk.dossier import Dossiers
from desk.inquiry import Inquiry


@dataclass(frozen=True)
class Service:
    """`now` is the engine's clock: a rehearsal's story has its own, while identities go by the real one.

    `embedded`: the database is our own and nobody elsewhere can ask; then receivers of webhooks may be here, too.
    """

    engine: Engine
    client: Client
    door: Door
    inquiry: Inquiry
    dossiers: Dossiers
    books: Books
    identities: Identities
    limits: Limits
    now: Callable[[], datetime]
    embedded: bool = False


def service(request: Request) -> Service:
    """The service that the application was made with."""
    found: Service = request.app.state.service
    return found
