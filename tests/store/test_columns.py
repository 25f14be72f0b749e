"""A result says its columns to whoever asks, and one that has none says so."""

import pytest
import sqlalchemy as sa

from workers.reach import House


async def test_a_statement_says_its_columns_each_time_it_runs(house: House) -> None:
    query = sa.text("SELECT 1 AS one, 'x' AS letter")
    with house.engine.begin() as connection:
        for _ in range(3):
            assert connection.execute(query).mappings().one() == {"one": 1, "letter": "x"}
        cursor = connection.connection.cursor()
        cursor.execute("SELECT 1 AS one, 'x'::text AS letter")
        described = cursor.description
        assert [column[0] for column in described] == ["one", "letter"]
        assert described[-1][1] == 25  # the number of the type `text`
        assert [column[0] for column in described[-1:]] == ["letter"]
        with pytest.raises(IndexError):
            described[2]
        cursor.execute("SET LOCAL statement_timeout = '2s'")
        assert cursor.description is None
        cursor.execute("SELECT")
        assert cursor.description == []
