"""Notices in their reader's language, and the incidents that ops must look at."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine

from activities.rulebooks import Rulebooks
from desk.words import Words, letter
from rulebook.policy import Policy
from states.situation import Actor
from store import notice, text
from store.cursor import Page
from store.row_security import present


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
        return Page([_worded(row, words, rules.get(row["case"], []), texts) for row in found.rows], found.next)

    def unread(self, actor: Actor) -> int:
        """How many notices came since the actor last read them; a hundred stands for more."""
        with present(self._engine, actor, self._now(), often=True) as (connection, now):
            return notice.unread(connection, actor, now)

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
        judged = notice.judged_by(connection, [row["case"] for row in rows])
        return {
            case: [self._rulebooks.policy(connection, digest, region) for region in regions]
            for case, (digest, regions) in judged.items()
        }


def _worded(row: dict[str, Any], words: Words, rules: list[Policy], texts: dict[str, str]) -> dict[str, Any]:
    values = row["values"] | {"case": row["case"], "at": row["at"]}
    names = {key: name for policy in reversed(rules) for key, name in policy.names(words.language).items()}
    if clause := next((one.clauses[key] for one in rules if (key := values.get("clause")) in one.clauses), None):
        values["rule"] = clause.text.in_language(words.language)
    written = letter(words.naming(names), row["template"], values, texts)
    return {**row, "subject": written.subject, "body": written.body}
