"""That a server is away is one line a minute in the log, however many ask; all else is logged as it is."""

import io
import logging
from asyncio import CancelledError
from collections.abc import Iterator

import pytest
from sqlalchemy.exc import OperationalError
from temporalio.client import Client
from temporalio.service import RPCError

from store.engine import connect
from workers.log import EVERY, Seldom, away


class Written:
    """A logger, what it has written, and a clock that a test moves."""

    def __init__(self) -> None:
        self.log, self.at, self._text = logging.getLogger("casework.test"), 0.0, io.StringIO()
        self.handler = logging.StreamHandler(self._text)
        self.handler.addFilter(Seldom(lambda: self.at))

    @property
    def lines(self) -> list[str]:
        return self._text.getvalue().splitlines()


@pytest.fixture
def written() -> Iterator[Written]:
    made = Written()
    made.log.addHandler(made.handler)
    yield made
    made.log.removeHandler(made.handler)


def no_database() -> BaseException:
    engine = connect("postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(OperationalError) as found, engine.connect():
        pass
    return found.value


async def no_temporal() -> list[BaseException]:
    """What a new client says of it, and what one says that is connected later."""
    with pytest.raises(RuntimeError) as begun:
        await Client.connect("127.0.0.1:1")
    lazy = await Client.connect("127.0.0.1:1", lazy=True)
    with pytest.raises((RPCError, RuntimeError)) as asked:
        await lazy.count_workflows()
    return [begun.value, asked.value]


def behind(error: BaseException) -> Exception:
    """An exception that comes from another."""
    found = LookupError("what was asked for is not there")
    found.__cause__ = error
    return found


async def test_an_absence_is_one_line_whoever_misses_it(written: Written) -> None:
    absent, unreached = no_database(), await no_temporal()
    for number in range(200):
        written.log.warning("request %d", number, exc_info=absent)
        written.log.error("activity %d", number, exc_info=behind(absent))
        for error in unreached:
            written.log.error("worker", exc_info=error)
        written.log.error("late %d", number, exc_info=CancelledError("Activity cancelled"))
    absent_ones = ["the database", "Temporal", "what an activity waited for"]
    assert [line.partition(" is away:")[0] for line in written.lines] == absent_ones


def test_after_a_minute_another_line_says_how_often_it_was_missed(written: Written) -> None:
    absent = no_database()
    for _ in range(7):
        written.log.warning("request", exc_info=absent)
    written.at += EVERY
    written.log.warning("request", exc_info=absent)
    assert written.lines == [
        "the database is away: OperationalError (1 since the last such line)",
        "the database is away: OperationalError (7 since the last such line)",
    ]


def test_what_else_fails_keeps_its_traceback(written: Written) -> None:
    for _ in range(3):
        written.log.error("failed", exc_info=behind(ValueError("no number")))
        written.log.warning("as it is")
    assert written.lines.count("as it is") == 3
    assert written.lines.count("LookupError: what was asked for is not there") == 3
    assert away(None) is None


def test_a_line_that_is_to_come_seldom_is_one_a_minute_too(written: Written) -> None:
    for number in range(3):
        written.log.warning("late by %d", number, extra={"seldom": "late"})
    written.at += EVERY
    written.log.warning("late by %d", 3, extra={"seldom": "late"})
    told = ["late by 0 (1 since the last such line)", "late by 3 (3 since the last such line)"]
    assert written.lines == told
