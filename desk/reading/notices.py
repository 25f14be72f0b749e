"""Notices in their reader's language, and the incidents that ops must look at."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine

from activities.rulebooks import Rulebooks
from desk.words import Words, letter
from rulebook.model import Rulebook
from rulebook.policy import Policy
from states.situation import Actor
from store import notice, party, text
from store import version as versions
from store.cursor import Page
from store.row_security import present

# A version of the rulebook, and the rules of a region by it and by the one before.
_Version = tuple[Rulebook, list[Policy]]


class Notices:
    """Reads; `states/sight.py` says who sees which notice. A page raises `RefusedError`: `invalid`, field `cursor`."""

    def __init__(self, engine: Engine, now: Callable[[], datetime], rulebooks: Rulebooks) -> None:
        self._engine = engine
        self._now = now
        self._rulebooks = rulebooks

    def page(self, actor: Actor, words: Words, cursor: str | None = None, limit: int = 50) -> Page:
        """The notices that the actor sees, the newest first, each with the letter's `subject` and `body`."""
        with present(self._engine, actor, self._now()) as (connection, now):
            found = notice.page(connection, actor, now, after=cursor, limit=limit)
            ids = [value for row in found.rows for value in row["values"].values() if isinstance(value, str)]
            texts = text.bodies(connection, ids)
            rules = self._rules(connection, found.rows)
            versions = self._versions(connection, found.rows)
        return Page(
            [
                _worded(row, words, rules.get(row["case"], []), texts)
                if row["version"] is None
                else _of_version(row, words, *versions[row["id"]], texts)
                for row in found.rows
            ],
            found.next,
        )

    def read(self, actor: Actor, up_to: datetime | None) -> datetime | None:
        """Note that the actor reads the notices of until then; until when they had read before."""
        with self._engine.begin() as connection:
            before = notice.read_up_to(connection, actor.id)
            if up_to is not None and (before is None or before < up_to):
                notice.read(connection, actor.id, up_to)
        return before

    def incidents(self, actor: Actor, cursor: str | None = None, limit: int = 50) -> Page:
        """The incidents, the newest first."""
        with present(self._engine, actor, self._now()) as (connection, now):
            return notice.incidents(connection, actor, now, after=cursor, limit=limit)

    def _rules(self, connection: Connection, rows: list[dict[str, Any]]) -> dict[str, list[Policy]]:
        """By case, the rules that it is judged by: in its region, and in that of the agency which it charges."""
        judged = notice.judged_by(connection, [row["case"] for row in rows if row["case"] is not None])
        return {
            case: [self._rulebooks.policy(connection, digest, region) for region in regions]
            for case, (digest, regions) in judged.items()
        }

    def _versions(self, connection: Connection, rows: list[dict[str, Any]]) -> dict[int, _Version]:
        """By notice about a version, its rules; and those of its region, by the version and the one before."""
        told = [row for row in rows if row["version"] is not None]
        homes = {one.id: one.region for one in party.read(connection, [row["about"] for row in told if row["about"]])}
        of = {row["id"]: (row["version"], row["region"] or homes.get(row["about"])) for row in told}
        known = {one: self._both(connection, *one) for one in set(of.values())}
        return {number: known[one] for number, one in of.items()}

    def _both(self, connection: Connection, digest: str, region: str | None) -> _Version:
        version = versions.read(connection, digest)
        digests = [digest, *([version.follows] if version and version.follows else [])]
        books = [self._rulebooks.version(connection, one) for one in digests]
        return books[0], [book.policy(region) for book in books if region in book.regions]


def _of_version(
    row: dict[str, Any], words: Words, book: Rulebook, rules: list[Policy], texts: dict[str, str | None]
) -> dict[str, Any]:
    """A notice about a version, with the letter's words; a creator or agency is named as it is."""
    names = {key: name for policy in reversed(rules) for key, name in policy.names(words.language).items()}
    known = {"version": f"{book.version}", "digest": book.digest[:12], "about": row["about"], "region": row["region"]}
    written = letter(words.naming(names), row["template"], row["values"] | known | {"at": row["at"]}, texts)
    return {**row, "subject": written.subject, "body": written.body}


def _worded(row: dict[str, Any], words: Words, rules: list[Policy], texts: dict[str, str | None]) -> dict[str, Any]:
    values = row["values"] | {"case": row["case"], "at": row["at"]}
    names = {key: name for policy in reversed(rules) for key, name in policy.names(words.language).items()}
    if clause := next((one.clauses[key] for one in rules if (key := values.get("clause")) in one.clauses), None):
        values["rule"] = clause.text.in_language(words.language)
    written = letter(words.naming(names), row["template"], values, texts)
    return {**row, "subject": written.subject, "body": written.body}
