"""Does the platform know the restrictions in force? A subject's courier compares and tells, one telling at a time."""

import logging
from datetime import datetime

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, Engine
from temporalio import activity

from activities.clock import Clock, Story
from activities.courier.platform import Platform, RefusedByPlatformError
from activities.names import SURVEY, TELL
from activities.restrictions import in_force
from activities.rulebooks import Rulebooks
from store import journal, notice, restrictions
from store.engine import one_by_one
from store.in_thread import in_thread
from store.restrictions import Telling

log = logging.getLogger("casework.enforce")


class Round(BaseModel):
    """What the courier asks: which subject, at what time."""

    model_config = ConfigDict(frozen=True)

    subject: str
    at: datetime


class Survey(BaseModel):
    """What was found: whether something must be told, and when the next penalty begins or ends.

    `at` is the worker's time, which the workflow's clock follows: none in a rehearsal, and from older workers.
    """

    model_config = ConfigDict(frozen=True)

    to_tell: bool
    next_at: datetime | None
    at: datetime | None = None


class Enforce:
    """The courier's two activities: `survey` compares and writes a telling, `tell` sends it.

    They act by their `clock`; without one they believe the time of each round, as a rehearsal does.
    """

    def __init__(
        self, engine: Engine, platform: Platform, rulebooks: Rulebooks | None = None, clock: Clock | None = None
    ) -> None:
        self._engine = engine
        self._platform = platform
        self._rulebooks = rulebooks or Rulebooks()
        self._clock = clock or Story()

    @activity.defn(name=SURVEY)
    async def survey(self, round_: Round) -> Survey:
        """Compare what is in force with what was told; write down what must be told."""
        return await in_thread(self._engine, self._survey, round_.subject, self._clock.watch(round_.at)())

    def _survey(self, subject: str, at: datetime) -> Survey:
        with self._engine.begin() as connection:
            with journal.recording(connection, f"standing/{subject}", at):
                now = restrictions.lock(connection, subject)
                if now is None:
                    return Survey(to_tell=False, next_at=None)
                wanted, next_at = in_force(connection, self._rulebooks, subject, at)
                pending = restrictions.pending(connection, subject) is not None
                new = not pending and wanted != now.informed
                number = now.number + new
                if new:
                    restrictions.prepare(connection, subject, number, sorted(wanted), at)
                restrictions.settle(connection, subject, now, number=number, next_at=next_at)
            return Survey(to_tell=pending or new, next_at=next_at, at=at if self._clock.leads else None)

    @activity.defn(name=TELL)
    async def tell(self, round_: Round) -> None:
        """Send the pending telling, under its idempotency key, and record the answer; a refusal raises an incident."""
        now = self._clock.watch(round_.at)
        telling = await in_thread(self._engine, self._pending, round_.subject)
        if telling is None:
            return  # an earlier attempt has told and recorded it, and only its result was lost
        refused: RefusedByPlatformError | None = None
        try:
            await self._platform.tell(telling, now())
        except RefusedByPlatformError as error:
            refused = error
        await in_thread(self._engine, self._record, telling, refused, now())

    def _pending(self, subject: str) -> Telling | None:
        with one_by_one(self._engine) as connection:
            return restrictions.pending(connection, subject)

    def _record(self, telling: Telling, refused: RefusedByPlatformError | None, at: datetime) -> None:
        topic = f"standing/{telling.subject}"
        with self._engine.begin() as connection, journal.recording(connection, topic, at):
            restrictions.lock(connection, telling.subject)
            if restrictions.pending(connection, telling.subject) != telling:
                return  # a later attempt of this activity has recorded it first
            restrictions.record(connection, telling, at, refused=refused is not None)
            if refused is not None:
                _put_before_ops(connection, telling, str(refused), at)


def _put_before_ops(connection: Connection, telling: Telling, answer: str, at: datetime) -> None:
    facts = {"key": telling.key, "restrictions": list(telling.restrictions), "answer": answer}
    notice.raise_incident(connection, "platform_refused", at, subject=telling.subject, facts=facts)
    log.error("the platform refused what it was told", extra={"subject": telling.subject, "answer": answer})
