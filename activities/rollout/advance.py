"""What does time do to a version of the rulebook? Its courier makes one move that is due, in one transaction."""

import logging
from datetime import datetime

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Engine
from temporalio import activity

from activities.clock import Clock
from activities.look import Looker, Woken
from activities.names import ADVANCE
from activities.rollout.life import break_down, by_time, fail
from activities.rollout.reach import HELD, BatchError
from activities.rulebooks import Rulebooks
from store.in_thread import in_thread

_log = logging.getLogger("casework.rollout")


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
        try:
            with self._engine.begin() as connection:
                return by_time(connection, self._rulebooks, digest, at)
        except BatchError as failed:
            told = {"version": digest, "subject": failed.subject}
            _log.exception("the wave of version %s broke down at %s", *told.values(), extra=told)
            with self._engine.begin() as connection:
                break_down(connection, self._rulebooks, digest, at, failed)
            return None, []
        except HELD:
            raise
        except Exception as error:
            _log.exception("version %s can't be moved", digest, extra={"version": digest})
            with self._engine.begin() as connection:
                fail(connection, digest, at, error)
            raise
