"""Which rulebook does a new database have? The bundled one, in force since always; a changed one from now on."""

from datetime import datetime

from sqlalchemy import Connection

from rulebook.load import dump
from rulebook.model import Rulebook
from states.terms import Role
from store import feed, journal, policy, seal

PLATFORM = "platform"


def install(connection: Connection, book: Rulebook, now: datetime) -> None:
    """Store the rulebook unless it is the newest one already, and the platform as somebody who acts."""
    seal.forget(connection)
    feed.person(connection, PLATFORM, Role.PLATFORM)
    journal.record(connection, "feed", now)
    newest = policy.newest(connection)
    if newest == book.digest:
        return
    since = feed.ALWAYS if newest is None else now
    policy.add(connection, digest=book.digest, key=book.key, version=str(book.version), since=since, content=dump(book))
    journal.record(connection, "rulebook", now)
