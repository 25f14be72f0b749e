"""How long do verdicts take while a wave goes on, and without one? Their commits, without Temporal."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from random import Random
from statistics import median, quantiles

import sqlalchemy as sa

from activities.move.commit import Commit
from activities.rulebooks import Rulebooks
from bench.filled import CLAUSES, TEXT
from bench.verdict import KEY, Court, Deaf
from bench.wave.place import AGENCY, CREATOR, EACH, Place
from rulebook.terms import SubjectKind
from store import text

# Nobody's workflow waits for these answers: the sweep must not look for it.
_RECEIVED = sa.text("UPDATE commands SET signed_for = true WHERE NOT signed_for")
# A person decides now and then: so the wave goes on between two verdicts.
PAUSE = 0.02


@dataclass
class Verdicts:
    """The seconds of each verdict's commit."""

    took: list[float] = field(default_factory=list)

    @property
    def p50(self) -> float:
        """Half of them took no longer, in milliseconds."""
        return median(self.took) * 1000

    @property
    def p99(self) -> float:
        """Of a hundred, one took longer, in milliseconds."""
        return quantiles(self.took, n=100, method="inclusive")[98] * 1000

    @property
    def longest(self) -> float:
        """The one that took longest, in milliseconds."""
        return max(self.took) * 1000


class Reviewer:
    """Decides reports on subjects of the wave, taken by chance."""

    def __init__(self, place: Place, die: Random) -> None:
        """Begin with no report."""
        rulebooks = Rulebooks()
        self._place, self._die, self._waiting = place, die, list[str]()
        self._court = Court(place.engine, Commit(place.engine, KEY, Deaf(), rulebooks), rulebooks, count(1))
        with place.engine.begin() as connection:
            text.write(connection, {TEXT: TEXT})

    async def claim(self, reports: int) -> None:
        """Have so many more reports claimed, which wait for a verdict."""
        for number in self._die.sample(range(self._place.many), reports):
            kind = SubjectKind.AGENCY if number % EACH else SubjectKind.CREATOR
            name = f"{AGENCY if number % EACH else CREATOR}{number}"
            at = self._place.clock.now() - timedelta(seconds=1)
            self._waiting.append(await self._court.claimed(name, CLAUSES[kind], at))
        self._receive()

    async def decide(self, while_: Callable[[], bool], most: int) -> Verdicts:
        """Decide one report after the other, at most so many, as long as the condition holds."""
        found = Verdicts()
        while self._waiting and len(found.took) < most and while_():
            spent = await self._court.decide(self._waiting.pop(), self._place.clock.now())
            found.took.append(spent.wall)
            self._receive()
            await asyncio.sleep(PAUSE)
        return found

    def _receive(self) -> None:
        with self._place.engine.begin() as connection:
            connection.execute(_RECEIVED)
