"""Finds a case, a person or a subject by its name, or by how that begins; among those that the reader sees."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from states.situation import Actor
from store import finding
from store.row_security import present

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Found:
    """What was found, each at most 20, the shortest names first (`store/finding.py` has the columns)."""

    cases: list[Row]
    people: list[Row]
    subjects: list[Row]

    @property
    def one(self) -> tuple[str, str] | None:
        """Where there is one only: `case`, `person` or `subject`, and its id; so too where one is called exactly so."""
        every = [(kind, row["id"]) for kind, rows in self.by_kind.items() for row in rows]
        return every[0] if len(every) == 1 else None

    @property
    def by_kind(self) -> dict[str, list[Row]]:
        """The rows by what they are."""
        return {"case": self.cases, "subject": self.subjects, "person": self.people}


class Search:
    """Reads; nothing is changed."""

    def __init__(self, engine: Engine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._now = now

    def find(self, actor: Actor, words: str) -> Found:
        """What is called so, or begins so; where something is called exactly so, that alone. Nothing for no words."""
        name = words.strip()
        if not name:
            return Found([], [], [])
        with present(self._engine, actor, self._now()) as (connection, now):
            found = Found(
                cases=list(finding.cases_called(connection, actor, now, name)),
                people=list(finding.people_called(connection, actor, now, name)),
                subjects=list(finding.subjects_called(connection, actor, now, name)),
            )
        exact = Found(*(_called(name, rows) for rows in (found.cases, found.people, found.subjects)))
        return exact if exact.one else found


def _called(name: str, rows: list[Row]) -> list[Row]:
    return [row for row in rows if row["id"] == name]
