"""Which rulebook does a new database have? The bundled one, in force since always; a changed one from now on."""

import logging
from datetime import datetime

from sqlalchemy import Connection

from rulebook.load import dump, parse
from rulebook.model import Rulebook
from states.terms import Role
from states.version_terms import VersionStatus
from store import feed, journal, timeline
from store import rulebook as stored

PLATFORM = "platform"
log = logging.getLogger("casework.install")


def install(connection: Connection, book: Rulebook, now: datetime) -> None:
    """Store the rulebook unless it is known, and the platform as a person who can act.

    A version that another has followed does not come into force again: going back takes a new version.
    """
    with journal.recording(connection, "feed", now):
        feed.person(connection, PLATFORM, Role.PLATFORM)
    with journal.recording(connection, "rulebook", now):
        for digest, since in stored.without_a_life(connection):
            timeline.enter(connection, digest, parse(stored.body(connection, digest)).regions, since, now)
        dated = timeline.read(connection)
        if not stored.known(connection, book.digest):
            named = {"digest": book.digest, "key": book.key, "version": str(book.version)}
            stored.add(connection, **named, content=dump(book))
            timeline.enter(connection, book.digest, book.regions, now if dated else feed.ALWAYS, now)
        elif not any(one.digest == book.digest and one.status is VersionStatus.IN_FORCE for one in dated):
            log.warning("the bundled rulebook was followed by another, which stays in force", extra={"key": book.key})
