"""Does the platform know the restrictions in force? A subject's courier compares and tells, one telling at a time."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, Engine
from temporalio import activity

from activities.clock import Clock, Now, Story
from activities.courier.platform import Platform, RefusedByPlatformError
from activities.courier.prompt import Prompt
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
    """What was found: whether something is still to be told, and when the next penalty begins or ends.

    `at` is the worker's time, which the workflow's clock follows: none in a rehearsal, and from older workers.
    """

    model_config = ConfigDict(frozen=True)

    to_tell: bool
    next_at: datetime | None
    at: datetime | None = None


class Found(NamedTuple):
    """The telling that the platform must have, if any, and when the next penalty begins or ends."""

    telling: Telling | None
    next_at: datetime | None


class Enforce:
    """The courier's two activities: `survey` compares, and tells where the platform answers promptly; else `tell` does.

    They act by their `clock`; without one they believe the time of each round, as a rehearsal does.
    """

    def __init__(
        self, engine: Engine, platform: Platform, rulebooks: Rulebooks | None = None, clock: Clock | None = None
    ) -> None:
        self._engine = engine
        self._platform = platform
        self._prompt = Prompt(platform)
        self._rulebooks = rulebooks or Rulebooks()
        self._clock = clock or Story()

    @activity.defn(name=SURVEY)
    async def survey(self, round_: Round) -> Survey:
        """Compare what is in force with what was told; write down what must be told, and tell it if that is quick.

        An activity of its own for each telling would take Temporal twice as much.
        """
        now = self._clock.watch(round_.at)
        found = await in_thread(self._engine, self._survey, round_.subject, now())
        if found.telling is not None:
            found = await self._at_once(found.telling, now) or found
        at = now() if self._clock.leads else None
        return Survey(to_tell=found.telling is not None, next_at=found.next_at, at=at)

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

    async def _at_once(self, telling: Telling, now: Now) -> Found | None:
        """What is found after the platform was told, if it was."""
        refused: RefusedByPlatformError | None = None
        try:
            if not await self._prompt.tell(telling, now()):
                return None
        except RefusedByPlatformError as error:
            refused = error
        return await in_thread(self._engine, self._record_and_survey, telling, refused, now())

    def _survey(self, subject: str, at: datetime) -> Found:
        with self._recording(subject, at) as connection:
            return self._compared(connection, subject, at)

    def _record(self, telling: Telling, refused: RefusedByPlatformError | None, at: datetime) -> None:
        with self._recording(telling.subject, at) as connection:
            _answered(connection, telling, refused, at)

    def _record_and_survey(self, telling: Telling, refused: RefusedByPlatformError | None, at: datetime) -> Found:
        with self._recording(telling.subject, at) as connection:
            _answered(connection, telling, refused, at)
            return self._compared(connection, telling.subject, at)

    def _pending(self, subject: str) -> Telling | None:
        with one_by_one(self._engine) as connection:
            return restrictions.pending(connection, subject)

    @contextmanager
    def _recording(self, subject: str, at: datetime) -> Iterator[Connection]:
        with self._engine.begin() as connection, journal.recording(connection, f"standing/{subject}", at):
            yield connection

    def _compared(self, connection: Connection, subject: str, at: datetime) -> Found:
        now = restrictions.lock(connection, subject)
        if now is None:
            return Found(None, None)
        wanted, next_at = in_force(connection, self._rulebooks, subject, at)
        telling = restrictions.pending(connection, subject)
        number = now.number
        if telling is None and wanted != now.informed:
            number += 1
            telling = restrictions.prepare(connection, subject, number, sorted(wanted), at)
        restrictions.settle(connection, subject, now, number=number, next_at=next_at)
        return Found(telling, next_at)


def _answered(connection: Connection, telling: Telling, refused: RefusedByPlatformError | None, at: datetime) -> None:
    """Record the platform's answer, unless a later attempt has recorded it first."""
    restrictions.lock(connection, telling.subject)
    if restrictions.pending(connection, telling.subject) != telling:
        return
    restrictions.record(connection, telling, at, refused=refused is not None)
    if refused is not None:
        _put_before_ops(connection, telling, str(refused), at)


def _put_before_ops(connection: Connection, telling: Telling, answer: str, at: datetime) -> None:
    facts = {"key": telling.key, "restrictions": list(telling.restrictions), "answer": answer}
    notice.raise_incident(connection, "platform_refused", at, subject=telling.subject, facts=facts)
    log.error("the platform refused what it was told", extra={"subject": telling.subject, "answer": answer})
