"""Receivers that answer slowly hold up their own owner's deliveries, and nobody else's."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from clocks import Town, town
from conftest import agency, new
from outside import Receiver, until
from pydantic import SecretStr

from activities.clock import Own
from activities.courier.deliver import Deliver, Delivering
from activities.courier.post import Post
from activities.courier.shares import Shares
from activities.look import Looker, Woken
from store import delivery, restrictions, webhook
from store.schema.webhooks import Event
from workers.reach import House

MANY = 120


@dataclass
class Silent:
    """A receiver that accepts connections and never answers; it counts those that are open, and the most there were."""

    url: str = ""
    open: int = 0
    most: int = 0
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        self.most = max(self.most, self.open)
        with suppress(ConnectionError):
            await reader.read()  # until the other end gives up
        self.open -= 1
        writer.close()


@asynccontextmanager
async def listening(made: Any) -> AsyncIterator[Any]:
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    try:
        yield made
    finally:
        server.close()


def receiver(on: Town, of: str, url: str) -> str:
    """A receiver of an agency with a delivery that is due."""
    row = {"id": new("wh"), "agency": of, "url": url, "secret": "whsec_dGhlIHNlY3JldCBvZiBhIHRlc3Q="}
    now = on.house.clock.now()
    with on.house.engine.begin() as connection:
        webhook.add(connection, row | {"events": ["notice.sent"], "created_at": now, "created_by": "platform"})
        told = {"webhook": row["id"], "event": Event.NOTICE_SENT, "payload": {"template": "x"}}
        delivery.post(connection, [told], now)
    return str(row["id"])


def known(on: Town, subject: str) -> frozenset[str]:
    with on.house.engine.connect() as connection:
        return dict(restrictions.informed(connection)).get(subject, frozenset())


async def test_slow_receivers_of_one_owner_delay_neither_the_platform_nor_others(house: House) -> None:
    told = Receiver(usual="200 OK")
    async with listening(Silent()) as silent, listening(told), listening(Receiver()) as quick:
        secret = SecretStr("the platform's own secret")
        async with town(house, platform_url=told.url, platform_key=secret) as here:
            (rose, _), (jade, _) = await agency(here.house, "rose"), await agency(here.house, "jade")
            slow = [receiver(here, rose, silent.url) for _ in range(MANY)]
            looker, now = Looker(house.client, here.house.settings.task_queue), here.house.clock.now
            await asyncio.gather(*(looker.wake(Woken(receivers=[one]), now()) for one in slow))
            await until(lambda: silent.open >= Shares().most)
            _, lotus = await here.decided()
            await looker.wake(Woken(receivers=[receiver(here, jade, quick.url)]), now())
            await until(lambda: known(here, lotus) == {"recruiting"} and quick.raw, seconds=8)
            assert silent.most == Shares().most


async def test_a_delivery_that_finds_no_place_is_due_again_later(house: House) -> None:
    async with listening(Silent()) as silent, town(house, at_work=False) as here:
        rose, _ = await agency(here.house, "rose")
        first, second = receiver(here, rose, silent.url), receiver(here, rose, silent.url)
        engine, now = here.house.engine, here.house.clock.now
        deliver = Deliver(engine, Post(demo=True, timeout=3), Own(now), shares=Shares(most=1, patience=0.5))
        busy = asyncio.create_task(deliver.deliver(Delivering(webhook=first, at=now())))
        await until(lambda: silent.open)
        left = await deliver.deliver(Delivering(webhook=second, at=now()))
        assert left.next_at is not None
        assert left.next_at > now() + timedelta(seconds=20)
        with engine.connect() as connection:
            due = delivery.following(connection, second)
        assert due is not None
        assert (due.next_at, due.attempts) == (left.next_at, 0)
        assert (await busy).next_at is not None
        assert silent.most == 1
