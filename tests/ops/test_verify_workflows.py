"""Are ever so many workflows asked, while no transaction waits, and is what closes just now no difference?"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.common import SearchAttributePair, TypedSearchAttributes

from activities.command import Adopted
from activities.shown import STATUS
from bench.crowd import fill
from ops.rehearsal.stage.servers import servers
from ops.verify.workflows import AT_ONCE, workflows
from store.engine import connect
from store.in_thread import close
from store.keyring import fleeting
from store.schema.cases import cases
from workers.settings import Settings

COUNT = 1500


@pytest.fixture(scope="module")
async def crowd() -> AsyncIterator[Engine]:
    async with servers(Settings()) as running, running.database() as url:
        engine = connect(url, pool=2, keyring=fleeting())
        with engine.begin() as connection:
            fill(connection, COUNT)
        yield engine
        close(engine)


@dataclass
class Asked:
    """A Temporal that answers what the rows said when it was made, at its leisure; `gone` run no more at first."""

    rows: dict[str, Adopted]
    gone: set[str] = field(default_factory=set)
    dead: set[str] = field(default_factory=set)
    shown: dict[str, str] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    now: int = 0
    most: int = 0

    def get_workflow_handle(self, case: str) -> Any:
        async def describe() -> Any:
            self.asked[case] += 1
            self.now += 1
            self.most = max(self.most, self.now)
            await asyncio.sleep(0.005)
            self.now -= 1
            away = case in self.dead or (case in self.gone and self.asked[case] == 1)
            state = WorkflowExecutionStatus.COMPLETED if away else WorkflowExecutionStatus.RUNNING
            shown = [SearchAttributePair(STATUS, self.shown[case])] if case in self.shown else []
            return SimpleNamespace(status=state, typed_search_attributes=TypedSearchAttributes(shown))

        async def query(name: str, result_type: type[Adopted]) -> Adopted:
            assert (name, result_type) == ("adopted", Adopted)
            return self.rows[case]

        return SimpleNamespace(describe=describe, query=query)


def temporal(engine: Engine) -> Asked:
    columns = (cases.c.status, cases.c.version, cases.c.deadline_at)
    with engine.connect() as connection:
        found = connection.execute(sa.select(cases.c.id, *columns)).mappings()
        return Asked({row["id"]: Adopted(**{c.name: row[c.name] for c in columns}) for row in found})


async def differences(engine: Engine, asked: Asked, page: int = 500) -> list[str]:
    with engine.connect() as connection:
        connection.execute(sa.text("SET idle_in_transaction_session_timeout = 100"))
        connection.commit()
        found = workflows(connection, cast(Client, asked), page, 0.01)
        told = [str(difference) async for difference in found]
        connection.execute(sa.text("RESET idle_in_transaction_session_timeout"))
        connection.commit()
    return told


@pytest.mark.parametrize("page", [500, 7])
async def test_each_is_asked_once_and_no_transaction_waits(crowd: Engine, page: int) -> None:
    asked = temporal(crowd)
    assert await differences(crowd, asked, page) == []
    assert len(asked.asked) == COUNT
    assert set(asked.asked.values()) == {1}
    assert asked.most <= AT_ONCE


async def test_what_differs_a_moment_later_too_is_told(crowd: Engine) -> None:
    asked = temporal(crowd)
    asked.gone, asked.dead = set(sorted(asked.rows)[:3]), set(sorted(asked.rows)[-1:])
    stale = sorted(asked.rows)[5]
    asked.rows[stale] = asked.rows[stale].model_copy(update={"version": 99})
    asked.shown = {case: now.status for case, now in asked.rows.items()} | {(mute := sorted(asked.rows)[7]): "nowhere"}
    told = await differences(crowd, asked)
    assert [line.split(": ")[:2] for line in told] == [
        [f"workflow/{stale}", "adopted"],
        [f"workflow/{mute}", "shown"],
        *[[f"workflow/{case}", "running"] for case in asked.dead],
    ]
