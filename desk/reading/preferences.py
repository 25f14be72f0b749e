"""The language and the time zone that a person chose; without a choice the zone is that of their region."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine

from activities.rulebooks import Rulebooks
from desk.words import LANGUAGES
from rulebook.fault import UnknownRegion
from rulebook.zones import zones
from states.situation import Actor
from store import party, preference
from store.preference import Preference


class Preferences:
    """Reads and keeps what people chose."""

    def __init__(self, engine: Engine, now: Callable[[], datetime], rulebooks: Rulebooks) -> None:
        self._engine = engine
        self._now = now
        self._rulebooks = rulebooks

    def read(self, actor: Actor) -> Preference:
        """What the person chose, as far as this desk still knows it."""
        with self._engine.begin() as connection:
            kept = preference.read(connection, actor.id)
        language = kept.language if kept.language in LANGUAGES else None
        return Preference(language, kept.zone if kept.zone in zones() else None)

    def write(self, actor: Actor, chosen: Preference) -> None:
        """Keep what the person chooses."""
        with self._engine.begin() as connection:
            preference.write(connection, actor.id, chosen)

    def zone(self, actor: Actor, chosen: Preference) -> ZoneInfo | None:
        """The chosen zone, else that of the region of the agency, the creator, or the staff's only one; else None."""
        if chosen.zone:
            return ZoneInfo(chosen.zone)
        with self._engine.begin() as connection:
            return self._of_region(connection, actor)

    def _of_region(self, connection: Connection, actor: Actor) -> ZoneInfo | None:
        subject = party.subject(connection, actor.agency or actor.id)
        regions = [subject.region] if subject else list(actor.regions)
        if len(regions) != 1:
            return None
        try:
            return self._rulebooks.in_force(connection, regions[0], self._now())[1].zone
        except UnknownRegion:
            return None
