"""The versions of the rulebook: which there were, when each was in force, and how two differ."""

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine

from activities.rulebooks import Rulebooks
from desk.reading.subject import looking
from rulebook.diff import Difference, diff
from rulebook.load import bundled, load
from rulebook.model import Rulebook
from states.situation import Actor
from states.terms import Code, RefusedError
from store import forecast
from store import rulebook as stored
from store.feed import ALWAYS
from store.rulebook import Version
from store.timeline import Dated

# The beginning of a digest that names a version, as of a commit.
PREFIX = re.compile("[0-9a-f]{6,64}")
_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Spell:
    """In these regions a version is in force from `since` (none: from the beginning) until another is (none: yet)."""

    regions: tuple[str, ...]
    since: datetime | None
    until: datetime | None


@dataclass(frozen=True)
class Known:
    """A version and when it is in force where; nowhere, if it was never approved."""

    version: Version
    spells: list[Spell]

    @property
    def newest(self) -> tuple[bool, datetime]:
        """What orders versions: those without a date last, then by the latest date."""
        return not self.spells, max((one.since for one in self.spells if one.since), default=_BEFORE_ALL)


class Versions:
    """Reads; nothing is changed. With None as actor, for whoever runs the engine."""

    def __init__(self, engine: Engine, now: Callable[[], datetime], rulebooks: Rulebooks | None = None) -> None:
        self._engine = engine
        self._now = now
        self._rulebooks = rulebooks or Rulebooks()

    def history(self, actor: Actor | None) -> list[Known]:
        """All versions: those without a date yet, then from the latest date on."""
        with looking(self._engine, actor, self._now()) as (connection, _):
            spells = _spells(self._rulebooks.timeline(connection).dated)
            known = [Known(one, spells.get(one.digest, [])) for one in stored.history(connection)]
        return sorted(known, key=lambda one: one.newest, reverse=True)

    def diff(self, actor: Actor | None, before: str, after: str) -> Difference:
        """Hold two versions side by side, each by its digest, the beginning of it, or a bundled rulebook's key.

        Raises:
            RefusedError: `not_found`, or `invalid` where several begin so; field `before` or `after`.
        """
        with looking(self._engine, actor, self._now()) as (connection, _):
            return diff(self._named(connection, before, "before"), self._named(connection, after, "after"))

    def forecast(self, actor: Actor | None, name: str) -> dict[str, Any]:
        """Whom a version would hit, as its newest proposal forecast it; the columns of `forecasts`.

        Raises:
            RefusedError: `not_found`: there is no such version, or it was never proposed; `invalid`; field `version`.
        """
        with looking(self._engine, actor, self._now()) as (connection, _):
            found = forecast.read(connection, self._named(connection, name, "version").digest)
        if found is None:
            raise RefusedError(Code.NOT_FOUND, "no_forecast", "version")
        return dict(found)

    def named(self, actor: Actor | None, name: str) -> Rulebook:
        """One version, named in the same way; the field of a refusal is `version`."""
        with looking(self._engine, actor, self._now()) as (connection, _):
            return self._named(connection, name, "version")

    def _named(self, connection: Connection, name: str, field: str) -> Rulebook:
        if name in bundled():
            return load(name)
        found = stored.beginning_with(connection, name) if PREFIX.fullmatch(name) else []
        if not found:
            raise RefusedError(Code.NOT_FOUND, "no_version", field)
        if len(found) > 1:
            raise RefusedError(Code.INVALID, "many_versions", field, given=name)
        return self._rulebooks.version(connection, found[0])


def since(one: Dated) -> datetime | None:
    """From when a version is in force in a region; none: from the beginning."""
    return None if one.since == ALWAYS else one.since


def _spells(dated: Sequence[Dated]) -> dict[str, list[Spell]]:
    """When each version is in force where; regions with the same dates stand together."""
    found: defaultdict[str, defaultdict[tuple[datetime, datetime | None], list[Dated]]]
    found = defaultdict(lambda: defaultdict(list))
    for one in dated:
        others = (other for other in dated if other.region == one.region and not other.taken_back)
        until = min((other.since for other in others if other.since > one.since), default=None)
        found[one.digest][one.since, until].append(one)
    return {
        digest: [_spell(together, until) for (_, until), together in dates.items()] for digest, dates in found.items()
    }


def _spell(together: Sequence[Dated], until: datetime | None) -> Spell:
    return Spell(tuple(sorted(one.region for one in together)), since(together[0]), until)
