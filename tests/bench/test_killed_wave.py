"""A few hundred subjects, as the bench has ten thousand: killed on the way there and back, each is reached once."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from random import Random

from clocks import database

from bench.wave.killing import once, walk
from bench.wave.place import APPROVER, EACH, Place, stricter
from store.ring import Way
from workers.reach import House

MANY, SOON = 300, timedelta(seconds=0.5)


async def test_killed_on_the_way_there_and_back_a_wave_reaches_each_once(house: House) -> None:
    die, book = Random(7), stricter(90)  # noqa: S311 - chance
    with database(house) as engine:
        place = Place(engine, house.clock, MANY)
        url = engine.url.render_as_string(hide_password=False)

        @asynccontextmanager
        async def mover() -> AsyncIterator[asyncio.subprocess.Process]:
            command = (sys.executable, "-m", "bench.wave.mover", url.replace("+psycopg", ""), book.digest)
            process = await asyncio.create_subprocess_exec(*command)
            try:
                yield process
            finally:
                if process.returncode is None:
                    process.kill()
                await process.wait()

        place.settle()
        began = house.clock.now()
        place.put_out(book, SOON)
        there = await walk(place, book, Way.REACHED, 2, mover, die)
        assert [*there.wrong, *once(place, began, there)] == []
        assert place.counted(book) == (MANY, MANY // EACH**2)
        began = house.clock.now()
        place.move(book, "take_back", APPROVER, reasons="A test.")
        back = await walk(place, book, Way.RELEASED, 1, mover, die)
        assert [*back.wrong, *once(place, began, back)] == []
