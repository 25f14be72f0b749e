"""Reports and appeals that were begun and not filed: kept for 30 days, and read by their author alone."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Engine

from activities.entered import LONGEST_TEXT, MOST_FILES, named
from activities.move.input import INPUTS
from desk.refusal import ApiCode, ProblemError
from rulebook import characters
from rulebook.characters import CharacterError
from states.situation import Actor
from states.terms import Code, Kind, RefusedError
from store import draft as drafts
from store import evidence
from store.draft import MOST, Draft
from store.evidence import File
from store.keyring import DestroyedError
from store.row_security import present

# Characters of all fields together: twice those of the longest text.
LONGEST = 2 * LONGEST_TEXT


class Drafts:
    """Reads and keeps what people have begun to write. Nothing of it is in a case, and no chain seals it."""

    def __init__(self, engine: Engine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._now = now

    def read(self, actor: Actor, key: str) -> Draft:
        """The actor's draft of that key.

        Raises:
            RefusedError: `not_found`: the actor has none of it.
        """
        with present(self._engine, actor, self._now()) as (connection, now):
            found = drafts.read(connection, actor.id, key, now)
        if found is None:
            raise RefusedError(Code.NOT_FOUND, "no_draft", "draft")
        return found

    def all(self, actor: Actor, kind: Kind) -> list[Draft]:
        """The actor's drafts of a kind, the newest first."""
        with present(self._engine, actor, self._now()) as (connection, now):
            return drafts.of_person(connection, actor.id, kind, now)

    def files(self, actor: Actor, ids: Sequence[str]) -> list[File]:
        """Those of these uploads that the actor can still bring, in this order: without a draft they go after a day."""
        with self._engine.begin() as connection:
            found = evidence.free(connection, ids, actor.id, self._now(), locks=False)
        return [found[one] for one in dict.fromkeys(ids) if one in found]

    def keep(self, actor: Actor, key: str, kind: Kind, words: Mapping[str, str], files: Sequence[str] = ()) -> None:
        """Keep what the actor wrote so far; words need not be complete, nor fit each other.

        Raises:
            RefusedError: `invalid`, naming the field; `too_large`; `too_many_requests`: the actor keeps 20 others.
        """
        made = Draft(named(key, "key"), kind, _written(kind, words), _brought(files), self._now())
        with self._engine.begin() as connection:
            if not drafts.room(connection, actor.id, made.key):
                raise ProblemError(ApiCode.TOO_MANY_REQUESTS, "drafts_most", most=MOST)
            try:
                drafts.keep(connection, actor.id, made)
            except DestroyedError:
                raise RefusedError(Code.FORBIDDEN, "erased") from None

    def drop(self, actor: Actor, key: str) -> None:
        """Drop the actor's draft of that key: it was filed, or is not wanted any more."""
        with self._engine.begin() as connection:
            drafts.drop(connection, actor.id, key)


def _written(kind: Kind, words: Mapping[str, str]) -> dict[str, str]:
    """The words by field, as they are kept; without the fields that say nothing."""
    known = INPUTS[kind, "submit"].model_fields
    kept = {}
    for field, written in words.items():
        if field not in known:
            raise RefusedError(Code.INVALID, "input.extra_forbidden", field)
        if not characters.says(written):
            continue
        try:
            kept[field] = characters.text(written)
        except CharacterError as error:
            raise RefusedError(Code.INVALID, f"input.{error.key}", field) from None
    if sum(map(len, kept.values())) > LONGEST:
        raise ProblemError(ApiCode.TOO_LARGE, "draft_too_long", most=LONGEST)
    return kept


def _brought(files: Sequence[str]) -> tuple[str, ...]:
    if len(files) > MOST_FILES:
        raise RefusedError(Code.INVALID, "input.too_long", "evidence", max_length=MOST_FILES)
    return tuple(dict.fromkeys(named(one, "evidence") for one in files))
