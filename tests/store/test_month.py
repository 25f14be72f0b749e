"""A month's figures are counted from the month's verdicts, however many there ever were."""

import sqlalchemy as sa

from store.month import FIGURES
from workers.reach import House


def test_no_verdict_of_other_months_is_gathered(house: House) -> None:
    with house.engine.begin() as connection:
        month = {"since": "2026-03-01", "until": "2026-04-01"}
        plan = connection.execute(sa.text(f"EXPLAIN {FIGURES}"), month).scalars()
        assert not [line for line in plan if "CTE Scan on spoken" in line]
