"""How is a receiver's webhook delivered? One delivery at a time, in order, until it is received or given up."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from http import HTTPStatus

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, Engine
from temporalio import activity

from activities.clock import Clock, Now
from activities.courier.post import Answer, Post
from activities.courier.shares import Shares
from activities.names import DELIVER
from store import delivery, journal, notice, webhook
from store.delivery import Due
from store.in_thread import in_thread

log = logging.getLogger("casework.deliver")

# After the first failed attempt, the second, …; the last one repeats.
PAUSES = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(hours=12),
    timedelta(hours=24),
)
# A delivery that is older, counted from the commit, is not tried again.
PATIENCE = timedelta(hours=72)
# Seconds that one activity sends for, so that its timeout (45 s) cuts no attempt; then the next one goes on.
_STINT = 10.0
# After it waited in vain for one of its owner's places. The wait is below `SENDING` of `store/wake.py`.
_BUSY = timedelta(seconds=30)


class Delivering(BaseModel):
    """What the courier asks: to which receiver, at what time."""

    model_config = ConfigDict(frozen=True)

    webhook: str
    at: datetime


class Left(BaseModel):
    """When there is something to send again; none where nothing is left.

    `at` is the worker's time, which the workflow's clock follows: none in a rehearsal, and from older workers.
    """

    model_config = ConfigDict(frozen=True)

    next_at: datetime | None
    at: datetime | None = None


class Deliver:
    """The activity of receivers' couriers."""

    def __init__(
        self,
        engine: Engine,
        post: Post,
        clock: Clock,
        *,
        pauses: Sequence[timedelta] = PAUSES,
        patience: timedelta = PATIENCE,
        shares: Shares | None = None,
    ) -> None:
        self._engine = engine
        self._post = post
        self._clock = clock
        self._pauses = pauses
        self._patience = patience
        self._shares = shares or Shares()

    @activity.defn(name=DELIVER)
    async def deliver(self, asked: Delivering) -> Left:
        """Send what is due; the first that does not arrive holds the later ones back until its next attempt."""
        now = self._clock.watch(asked.at)
        due = await in_thread(self._engine, self._following, asked.webhook)
        if due is None or due.next_at > now():
            return self._left(due.next_at if due else None, now)
        async with self._shares.of(due.agency) as placed:
            if placed:
                return await self._send(asked.webhook, now)
        again = now() + _BUSY
        await in_thread(self._engine, self._postpone, due, again)
        return self._left(again, now)

    async def _send(self, receiver: str, now: Now) -> Left:
        stint = asyncio.get_running_loop().time() + _STINT
        while True:
            due = await in_thread(self._engine, self._following, receiver)
            if due is None or due.next_at > now() or asyncio.get_running_loop().time() > stint:
                return self._left(due.next_at if due else None, now)
            answer = await self._post.send(due, now())
            await in_thread(self._engine, self._record, due, answer, now())

    def _following(self, receiver: str) -> Due | None:
        with self._engine.connect() as connection:
            return delivery.following(connection, receiver)

    def _left(self, next_at: datetime | None, now: Now) -> Left:
        return Left(next_at=next_at, at=now() if self._clock.leads else None)

    def _postpone(self, due: Due, again: datetime) -> None:
        with self._engine.begin() as connection:
            delivery.postpone(connection, due, again)

    def _record(self, due: Due, answer: Answer, at: datetime) -> None:
        with self._engine.begin() as connection, journal.recording(connection, f"webhook/{due.webhook}", at):
            again = at + self._pauses[min(due.attempts, len(self._pauses) - 1)]
            if answer.error is None and answer.status is not None:
                delivery.delivered(connection, due, answer.status, at)
            elif answer.status != HTTPStatus.GONE and again <= due.at + self._patience:
                delivery.failed(connection, due, answer.status, answer.error or "", at, again)
            else:
                _give_up(connection, due, answer, at)


def _give_up(connection: Connection, due: Due, answer: Answer, at: datetime) -> None:
    """Raise an incident for the first of several given up in a row; remove a receiver that answered 410 (gone)."""
    news = delivery.given_up(connection, due, answer.status, answer.error or "", at)
    gone = answer.status == HTTPStatus.GONE
    if gone:
        webhook.remove(connection, due.webhook, at, "the receiver is gone")
    if news:
        facts = {"webhook": due.webhook, "delivery": due.id, "answer": answer.error, "removed": gone}
        notice.raise_incident(connection, "webhook_given_up", at, subject=due.agency, facts=facts)
    log.warning("a delivery was given up", extra={"webhook": due.webhook, "delivery": due.id})
