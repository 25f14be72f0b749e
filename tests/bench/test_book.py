from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa
from conftest import new
from sqlalchemy import Engine

from bench.book.job import QUOTA, RefusedError, Report
from bench.book.side import SCHEMA, Book, by_the_book, work
from bench.book.steps import take_slot
from bench.book.tables import connect
from bench.expected import differences, expected, name
from bench.life import REASONS
from bench.side import Moves
from bench.turn import settled
from workers.reach import House

LIVES = 2


@pytest.fixture
async def book(house: House) -> AsyncIterator[Book]:
    """The side by the book, in a schema of its own, with a sandboxed worker as the SDK starts one."""
    url = house.engine.url.render_as_string(hide_password=False)
    address = house.client.service_client.config.target_host
    engine = connect(url, SCHEMA)
    async with work(address, url, "sdk"):
        side = Book(await by_the_book(address, "sdk"), engine, LIVES, new("book"))
        try:
            yield side
        finally:
            for id_, run_id in await side.beside():
                await side.client.get_workflow_handle(id_, run_id=run_id).cancel()
            _drop(engine)


def _drop(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(sa.schema.DropSchema(SCHEMA, cascade=True))
    engine.dispose()


@pytest.mark.parametrize("appeal", [True, False], ids=["with an appeal", "without one"])
async def test_lives_by_the_book_leave_what_they_must_and_nothing_twice(book: Book, *, appeal: bool) -> None:
    for number in range(LIVES):
        (case,) = await book.live(number, Moves(), appeal=appeal)
        await book.client.get_workflow_handle(case).result()
    await settled(book)
    assert list(differences(expected(LIVES, LIVES, appeal=appeal), book.found())) == []


async def test_a_month_by_the_book_has_as_many_reports_as_the_quota_says(book: Book) -> None:
    at = sa.func.now()
    with book.engine.connect() as connection:
        now = connection.execute(sa.select(at)).scalar_one()
    reports = [Report(f"r{number}", name(0), name(1), REASONS, 1, now) for number in range(QUOTA + 1)]
    for report in [*reports[:QUOTA], reports[0]]:  # one is tried again
        with book.engine.begin() as connection:
            take_slot(connection, report)
    with pytest.raises(RefusedError), book.engine.begin() as connection:
        take_slot(connection, reports[QUOTA])
    assert book.found().slots == {name(0): QUOTA}
