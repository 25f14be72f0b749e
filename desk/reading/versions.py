"""The versions of the rulebook: which there were, when each was in force, and how two differ."""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine

from activities.rollout.upload import checked
from activities.rulebooks import Rulebooks
from desk.reading.subject import looking
from desk.reading.version import Life, foreseen, life_of, shown
from rulebook.diff import Difference, diff
from rulebook.fault import RulebookError
from rulebook.load import bundled, load
from rulebook.model import Rulebook
from rulebook.written import written
from states.situation import Actor
from states.terms import Code, RefusedError
from store import forecast, hit
from store import rulebook as stored
from store import version as versions
from store.cursor import Page
from store.feed import ALWAYS
from store.rulebook import Version
from store.timeline import Dated

# The beginning of a digest that names a version, as of a commit.
PREFIX = re.compile("[0-9a-f]{6,64}")
PAGE = 50
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

    def held(self, actor: Actor, files: Mapping[str, bytes]) -> Difference:
        """How a version of these files, which nobody keeps yet, differs from the one that it would follow.

        Raises:
            RefusedError: `invalid`, field `files`: they are no rulebook (`activities/rollout/upload.py`).
        """
        book = checked(files)
        with looking(self._engine, actor, self._now()) as (connection, _):
            return diff(self._newest(connection), book)

    def files(self, actor: Actor, name: str | None = None) -> dict[str, str]:
        """A version as the files that say it, by their names; without a name, the newest that was approved.

        Raises:
            RefusedError: `not_found`; `invalid`: no files say it; field `version`.
        """
        with looking(self._engine, actor, self._now()) as (connection, _):
            book = self._named(connection, name, "version") if name else self._newest(connection)
        try:
            return written(book)
        except RulebookError:
            raise RefusedError(Code.INVALID, "not_of_files", "version") from None

    def forecast(self, actor: Actor | None, name: str) -> dict[str, Any]:
        """Whom a version would hit, as its newest proposal forecast it; the columns of `forecasts`.

        Raises:
            RefusedError: `not_found`: there is no such version, or it was never proposed; `invalid`; field `version`.
        """
        with looking(self._engine, actor, self._now()) as (connection, _):
            found = forecast.read(connection, self._named(connection, name, "version").digest)
        if found is None:
            raise RefusedError(Code.NOT_FOUND, "no_forecast", "version")
        return shown(found, actor)

    def open(self, actor: Actor | None, name: str) -> Life:
        """One version: where it stands, its moves, and which the actor can make now.

        Raises:
            RefusedError: `not_found`; `invalid`; field `version`.
        """
        with looking(self._engine, actor, self._now()) as (connection, now):
            book = self._named(connection, name, "version")
            return life_of(connection, self._rulebooks, actor, book, now)

    def hit(self, actor: Actor | None, name: str, cursor: str | None = None, limit: int = PAGE) -> Page:
        """A page of whom the version's wave has hit, the newest first (`store/hit.py`).

        Raises:
            RefusedError: `not_found`; `invalid`; field `version`, `cursor` or `limit`.
        """
        with looking(self._engine, actor, self._now()) as (connection, now):
            digest = self._named(connection, name, "version").digest
            return hit.page(connection, actor, now, digest, cursor, limit)

    def foreseen(self, actor: Actor | None, name: str, said: Mapping[str, Any]) -> dict[str, Any]:
        """Whom a version would hit if it were proposed now with these dates; as `forecast`, and nothing is kept.

        Raises:
            RefusedError: `not_found`; `invalid`, field `version`, `in_force_from` or `regions`.
        """
        with looking(self._engine, actor, self._now()) as (connection, now):
            book = self._named(connection, name, "version")
            found = foreseen(connection, self._rulebooks, book, said, now)
        return shown(found, actor) | {"version": book.digest, "at": now}

    def named(self, actor: Actor | None, name: str) -> Rulebook:
        """One version, named in the same way; the field of a refusal is `version`."""
        with looking(self._engine, actor, self._now()) as (connection, _):
            return self._named(connection, name, "version")

    def _newest(self, connection: Connection) -> Rulebook:
        return self._rulebooks.version(connection, versions.newest(connection) or "")

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
