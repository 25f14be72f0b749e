"""Which rulebook does a new database have? The bundled one, in force since always; a changed one is a draft there."""

import logging
from datetime import datetime

from sqlalchemy import Connection

from activities.rollout import life
from activities.rulebooks import Rulebooks
from rulebook.load import parse
from rulebook.model import Rulebook
from states.terms import Role
from states.version_terms import VersionStatus
from store import feed, journal, timeline
from store import rulebook as stored
from store import version as versions

PLATFORM = "platform"
log = logging.getLogger("casework.install")


def install(connection: Connection, book: Rulebook, now: datetime) -> None:
    """Store the rulebook unless it is known, and the platform as a person who can act.

    Only where there is no rulebook yet it is in force at once. Elsewhere it is entered as a draft, which changes
    nothing: people propose and approve it (`states/version.py`).
    """
    with journal.recording(connection, "feed", now):
        feed.person(connection, PLATFORM, Role.PLATFORM)
    with journal.recording(connection, "rulebook", now):
        for digest, since in stored.without_a_life(connection):
            timeline.enter(connection, digest, parse(stored.body(connection, digest)).regions, since, now)
        if not timeline.read(connection):
            stored.add(connection, book)
            timeline.enter(connection, book.digest, book.regions, feed.ALWAYS, now)
    version = versions.read(connection, book.digest) or life.bring(connection, Rulebooks(), book, now)
    if version.status is VersionStatus.DRAFT and version.author is None:
        log.warning(
            "The bundled rulebook has changed: version %s is a draft, and changes nothing until it is proposed and "
            "approved (`casework rulebook propose`).",
            book.digest[:12],
        )
