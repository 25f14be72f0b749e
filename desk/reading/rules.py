"""The rules of a region, as everybody may read them: those in force now, or the version that a case has pinned."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.exc import NoResultFound

from activities.rulebooks import Rulebooks
from rulebook.clause import Clause, Penalty, Word
from rulebook.explain import Effective, explain
from rulebook.model import Rulebook
from states.situation import Actor
from states.terms import Code, RefusedError
from store.row_security import present


@dataclass(frozen=True)
class Ruled:
    """The rules of a region in one version; with a `key` only what it names: the whole of it, or its beginning."""

    book: Rulebook
    region: str
    key: str | None

    @property
    def values(self) -> list[Effective]:
        """The effective values, each with where it was stated."""
        return explain(self.book, self.region, self.key)

    @property
    def clauses(self) -> list[Clause]:
        """The rules that can be broken."""
        return [one for one in self.book.policy(self.region).clauses.values() if self._named(one.key)]

    @property
    def restrictions(self) -> dict[str, Word]:
        """The words for what is withheld that the rulebook declares."""
        return self.book.policy(self.region).restrictions

    @property
    def penalties(self) -> list[Penalty]:
        """What penalties mean."""
        return [one for one in self.book.policy(self.region).penalties.values() if self._named(one.key)]

    def _named(self, key: str) -> bool:
        return self.key is None or key.startswith(self.key)


class Rules:
    """Reads; nothing is changed."""

    def __init__(self, engine: Engine, now: Callable[[], datetime], rulebooks: Rulebooks) -> None:
        self._engine = engine
        self._now = now
        self._rulebooks = rulebooks

    def regions(self, actor: Actor) -> list[str]:
        """The regions that have rules now."""
        with present(self._engine, actor, self._now()) as (connection, now):
            return self._rulebooks.timeline(connection).regions(now)

    def of(self, actor: Actor, region: str, version: str | None = None, key: str | None = None) -> Ruled:
        """The rules of a region, of the version with this digest, or of that in force.

        Raises:
            RefusedError: `not_found`, field `version` or `region`.
        """
        book = self._version(actor, version, region)
        if region not in book.regions:
            raise RefusedError(Code.NOT_FOUND, "unknown_region", "region", region=region)
        return Ruled(book, region, key)

    def _version(self, actor: Actor, digest: str | None, region: str) -> Rulebook:
        with present(self._engine, actor, self._now()) as (connection, now):
            wanted = digest or self._rulebooks.timeline(connection).at_the_act(region, now)
            if wanted is None:
                raise RefusedError(Code.NOT_FOUND, "unknown_region", "region", region=region)
            try:
                return self._rulebooks.version(connection, wanted)
            except NoResultFound:
                raise RefusedError(Code.NOT_FOUND, "no_version", "version") from None
