"""How a person chose to read; without a choice the zone is that of their region."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine

from activities.rulebooks import Rulebooks
from desk.words import LANGUAGES
from rulebook.zones import zones
from states.situation import Actor
from states.terms import Code, RefusedError
from store import party, preference
from store.preference import Preference


class Preferences:
    """Reads and keeps what people chose."""

    def __init__(self, engine: Engine, now: Callable[[], datetime], rulebooks: Rulebooks) -> None:
        self._engine = engine
        self._now = now
        self._rulebooks = rulebooks

    def of(self, actor: Actor) -> tuple[Preference, ZoneInfo | None]:
        """What the person chose, and their zone, at one look."""
        with self._engine.begin() as connection:
            chosen = _known(preference.read(connection, actor.id))
            return chosen, self._zone(connection, actor, chosen)

    def read(self, actor: Actor) -> Preference:
        """What the person chose, as far as this desk still knows it."""
        with self._engine.begin() as connection:
            return _known(preference.read(connection, actor.id))

    def write(self, actor: Actor, chosen: Preference) -> None:
        """Keep what the person chooses.

        Raises:
            RefusedError: `invalid`, field `language` or `zone`.
        """
        if chosen.language not in {None, *LANGUAGES}:
            raise RefusedError(Code.INVALID, "input.enum", "language", expected=", ".join(LANGUAGES))
        if chosen.zone is not None and chosen.zone not in zones():
            raise RefusedError(Code.INVALID, "input.zone", "zone")
        with self._engine.begin() as connection:
            preference.write(connection, actor.id, chosen)

    def zone(self, actor: Actor | None, chosen: Preference, region: str | None = None) -> ZoneInfo | None:
        """The chosen zone, else that of `region`, or of the agency, the creator, or the staff's only one; else None."""
        with self._engine.begin() as connection:
            return self._zone(connection, actor, chosen, region)

    def region(self, actor: Actor) -> str | None:
        """The region of the agency or the creator, or the staff's only one."""
        with self._engine.begin() as connection:
            return _region(connection, actor)

    def _zone(
        self, connection: Connection, actor: Actor | None, chosen: Preference, region: str | None = None
    ) -> ZoneInfo | None:
        if chosen.zone:
            return ZoneInfo(chosen.zone)
        own = region or (_region(connection, actor) if actor else None)
        with suppress(LookupError):
            return self._rulebooks.now(connection, own, self._now()).zone if own else None
        return None


def _known(kept: Preference) -> Preference:
    language = kept.language if kept.language in LANGUAGES else None
    return replace(kept, language=language, zone=kept.zone if kept.zone in zones() else None)


def _region(connection: Connection, actor: Actor) -> str | None:
    subject = None if actor.regions else party.subject(connection, actor.agency or actor.id)
    regions = [subject.region] if subject else list(actor.regions)
    return regions[0] if len(regions) == 1 else None
