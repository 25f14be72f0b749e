"""In which zone are times told? That of `TZ`, else the reader's chosen one, else that of the region they are about."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Engine

from activities.rulebooks import Rulebooks
from desk.cli.language import times_in
from desk.reading.preferences import Preferences
from states.situation import Actor
from store import party
from store.preference import Preference


def times_of(engine: Engine, now: Callable[[], datetime], reader: Actor | None, region: str | None = None) -> None:
    """Tell times from now on as this reader of this region's case or score reads them; without a region, of theirs."""
    preferences = Preferences(engine, now, Rulebooks())
    chosen = preferences.read(reader) if reader is not None else Preference()
    times_in(preferences.zone(reader, chosen, region))


def times_of_subject(engine: Engine, now: Callable[[], datetime], reader: Actor | None, subject: str) -> None:
    """Tell times from now on as this reader of the subject's score, quota or verdicts reads them."""
    with engine.begin() as connection:
        found = party.subject(connection, subject)
    times_of(engine, now, reader, found.region if found else None)
