"""What is tried is taken back, also where the database goes away meanwhile."""

import time

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from desk.refusal import unanswered
from store.trial import aside, attempt, trial
from workers.reach import House


def lose(connection: Connection) -> None:
    """Have the server close the connection, and use it."""
    connection.execute(sa.text("SELECT pg_terminate_backend(pg_backend_pid())"))


async def test_where_the_server_closes_the_connection_that_is_what_is_said(house: House) -> None:
    """A commit is tried again after it, as the database may be back; the next transaction is as any other."""
    with pytest.raises(OperationalError), house.engine.begin() as connection, aside(connection):
        lose(connection)
    with pytest.raises(OperationalError), trial(house.engine) as connection:
        lose(connection)
    with house.engine.begin() as connection:
        assert connection.execute(sa.text("SHOW transaction_isolation")).scalar() == "read committed"
        assert connection.execute(sa.text("SHOW statement_timeout")).scalar() == "4s"


async def test_a_trial_that_takes_too_long_met_nobody(house: House) -> None:
    """It is told as a database that is slow, not as somebody who decides just now; nor as one that is away."""
    begun = time.monotonic()
    with pytest.raises(OperationalError) as slow:
        attempt(house.engine, lambda connection: connection.execute(sa.text("SELECT pg_sleep(9)")))
    assert time.monotonic() - begun < 4
    assert unanswered(slow.value).key == "database_slow"
    with pytest.raises(OperationalError) as gone, trial(house.engine) as connection:
        lose(connection)
    assert unanswered(gone.value).key == "database_away"
