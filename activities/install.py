"""Which rulebook does a new database have? The bundled one, in force since always; a changed one from now on."""

import logging
from datetime import datetime

from sqlalchemy import Connection

from rulebook.load import dump
from rulebook.model import Rulebook
from states.terms import Role
from store import feed, journal
from store import rulebook as stored

PLATFORM = "platform"
log = logging.getLogger("casework.install")


def install(connection: Connection, book: Rulebook, now: datetime) -> None:
    """Store the rulebook unless it is known, and the platform as a person who can act.

    A version that another has followed does not come into force again: going back takes a new version.
    """
    with journal.recording(connection, "feed", now):
        feed.person(connection, PLATFORM, Role.PLATFORM)
    if stored.known(connection, book.digest):
        if stored.in_force(connection, now) != book.digest:
            log.warning("the bundled rulebook was followed by another, which stays in force", extra={"key": book.key})
        return
    since = feed.ALWAYS if stored.newest(connection) is None else now
    named = {"digest": book.digest, "key": book.key, "version": str(book.version)}
    with journal.recording(connection, "rulebook", now):
        stored.add(connection, **named, since=since, content=dump(book))
