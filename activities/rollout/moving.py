"""A version on its move: what its effects work on."""

from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any

from sqlalchemy import Connection

from activities.look import Woken
from activities.rollout.foreseen import Foreseen
from activities.rollout.input import NOTHING, Said
from activities.rulebooks import Rulebooks
from rulebook.model import Rulebook
from states.situation import ENGINE, Actor
from store.version import Version


@dataclass
class Moving:
    """A version on its move: who makes it, when, and what they say. `words` are ids of texts by field.

    `facts` are kept with the move, `dates` by region are those of its wave; `others` are versions that must move with
    it, each by an event, `notices` what is told of the move, and `woken` whose workflows must look after the commit.
    `foreseen` is a proposal's forecast that was computed before. `broken` says that a batch of its wave failed, and
    `at_fault` at which subject. It `began`, with its row locked, at that second of `monotonic`.
    """

    connection: Connection
    rulebooks: Rulebooks
    version: Version
    at: datetime
    actor: Actor = ENGINE
    said: Said = NOTHING
    event: str = ""
    words: dict[str, str] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    dates: dict[str, datetime] = field(default_factory=dict)
    others: list[tuple[str, str]] = field(default_factory=list)
    notices: list[dict[str, Any]] = field(default_factory=list)
    woken: list[Woken] = field(default_factory=list)
    foreseen: Foreseen | None = None
    broken: bool = False
    at_fault: str | None = None
    began: float = field(default_factory=monotonic)

    def then(self, version: Version | None = None) -> "Moving":
        """What the engine moves next in the same transaction: this version, or another."""
        known = self.connection, self.rulebooks, version or self.version, self.at
        return Moving(*known, woken=self.woken)

    @property
    def book(self) -> Rulebook:
        """The version's rules."""
        return self.rulebooks.version(self.connection, self.version.digest)
