"""Is the platform told what is in force? One reading and one telling at a time, in their order."""

import logging
from datetime import datetime

from pydantic import BaseModel, ConfigDict
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from temporalio import activity

from activities.books import Books
from activities.names import SURVEY, TELL
from activities.platform import Platform, RefusedByPlatformError
from store import journal, party, seal, standing
from store.standing import Telling

log = logging.getLogger("casework.enforce")


class Round(BaseModel):
    """What the courier asks: which subject, at what time."""

    model_config = ConfigDict(frozen=True)

    subject: str
    at: datetime


class Survey(BaseModel):
    """What was found: whether something must be told, and when the next penalty begins or ends."""

    model_config = ConfigDict(frozen=True)

    to_tell: bool
    next_at: datetime | None


class Enforce:
    """The courier's two activities."""

    def __init__(self, engine: AsyncEngine, platform: Platform, books: Books | None = None) -> None:
        self._engine = engine
        self._platform = platform
        self._books = books or Books()

    @activity.defn(name=SURVEY)
    async def survey(self, round_: Round) -> Survey:
        """Compare what is in force with what was told; write down what must be told."""
        async with self._engine.begin() as connection:
            seal.forget(connection)
            now = await standing.lock(connection, round_.subject)
            if now is None:
                return Survey(to_tell=False, next_at=None)
            restrictions, next_at = await self._in_force(connection, round_)
            await standing.settle(connection, round_.subject, next_at)
            pending = await standing.pending(connection, round_.subject) is not None
            if not pending and restrictions != now.told:
                number = now.number + 1
                await standing.prepare(connection, round_.subject, number, sorted(restrictions), round_.at)
            await journal.record(connection, f"standing/{round_.subject}", round_.at)
            return Survey(to_tell=pending or restrictions != now.told, next_at=next_at)

    @activity.defn(name=TELL)
    async def tell(self, round_: Round) -> None:
        """Send what is pending, under its own key, and record the answer; a refusal is put before ops."""
        async with self._engine.connect() as connection:
            telling = await standing.pending(connection, round_.subject)
        if telling is None:
            return  # it was told and recorded; only the answer to this activity was lost
        refused: RefusedByPlatformError | None = None
        try:
            await self._platform.tell(telling, round_.at)
        except RefusedByPlatformError as error:
            refused = error
        async with self._engine.begin() as connection:
            seal.forget(connection)
            await standing.lock(connection, round_.subject)
            await standing.record(connection, telling, round_.at, refused=refused is not None)
            if refused is not None:
                await _put_before_ops(connection, telling, str(refused), round_.at)
            await journal.record(connection, f"standing/{round_.subject}", round_.at)

    async def _in_force(self, connection: AsyncConnection, round_: Round) -> tuple[frozenset[str], datetime | None]:
        subject = await party.subject(connection, round_.subject)
        if subject is None:
            return frozenset(), None
        restrictions: set[str] = set()
        changes: list[datetime] = []
        for row in await standing.live(connection, round_.subject, round_.at):
            if row["starts_at"] > round_.at:
                changes.append(row["starts_at"])
                continue
            policy = await self._books.policy(connection, row["rulebook"], subject.region)
            restrictions |= policy.penalties[row["key"]].restrictions
            if row["ends_at"] is not None:
                changes.append(row["ends_at"])
        return frozenset(restrictions), min(changes, default=None)


async def _put_before_ops(connection: AsyncConnection, telling: Telling, answer: str, at: datetime) -> None:
    facts = {"key": telling.key, "restrictions": list(telling.restrictions), "answer": answer}
    await journal.raise_incident(connection, "platform_refused", at, subject=telling.subject, facts=facts)
    log.error("the platform refused what it was told", extra={"subject": telling.subject, "answer": answer})
