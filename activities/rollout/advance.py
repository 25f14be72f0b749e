"""What does time do to a version of the rulebook? Its courier makes one move that is due, in one transaction."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Engine
from temporalio import activity

from activities.clock import Clock
from activities.look import Looker, Woken
from activities.names import ADVANCE
from activities.rollout.life import by_time
from activities.rulebooks import Rulebooks
from store.in_thread import in_thread


class Stretch(BaseModel):
    """What the courier asks: which version, at what time."""

    model_config = ConfigDict(frozen=True)

    version: str
    at: datetime


class Advanced(BaseModel):
    """When the next move is due, none if it waits for people; `at_once`: another one is due now.

    `at` is the worker's time, which the workflow's clock follows: none in a rehearsal.
    """

    model_config = ConfigDict(frozen=True)

    next_at: datetime | None
    at_once: bool = False
    at: datetime | None = None


class Advance:
    """The courier's activity. It acts by its `clock`; a rehearsal's believes the time of each message."""

    def __init__(self, engine: Engine, looker: Looker, rulebooks: Rulebooks, clock: Clock) -> None:
        self._engine = engine
        self._looker = looker
        self._rulebooks = rulebooks
        self._clock = clock

    @activity.defn(name=ADVANCE)
    async def advance(self, stretch: Stretch) -> Advanced:
        """Make the move that is due, if one is; wake whoever has something to do then."""
        at = self._clock.watch(stretch.at)()
        due, woken = await in_thread(self._engine, self._advance, stretch.version, at)
        for one in woken:
            await self._looker.wake(one, at)
        return Advanced(next_at=due, at_once=due is not None and due <= at, at=at if self._clock.leads else None)

    def _advance(self, digest: str, at: datetime) -> tuple[datetime | None, list[Woken]]:
        with self._engine.begin() as connection:
            return by_time(connection, self._rulebooks, digest, at)
