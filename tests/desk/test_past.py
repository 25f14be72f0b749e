"""A past is played into an empty engine once, whoever stops it; its open cases go on when the engine opens."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from conftest import agency
from pydantic import SecretStr
from sqlalchemy import create_engine, text

from desk.demo.past import state
from desk.demo.past.fill import fill, script
from desk.door.door import Door
from ops.rehearsal.script.scenario import Scenario
from ops.rehearsal.script.step import Step
from ops.verify import verify
from states.terms import Status
from store import identity, notice
from store.audit import picture
from store.in_thread import close
from store.migrate import migrate
from store.schema.cases import cases
from store.schema.commands import commands
from store.schema.evidence import evidence
from workers.embedded.error import EmbeddedError
from workers.house import work
from workers.reach import House, reach
from workers.settings import Settings


@asynccontextmanager
async def empty(house: House, name: str, folder: Path) -> AsyncIterator[House]:
    """An engine with a schema and nothing else, for which nobody works."""
    admin = create_engine(house.engine.url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    admin.dispose()
    url = house.engine.url.set(drivername="postgresql", database=name).render_as_string(hide_password=False)
    settings = Settings(
        data_dir=folder,
        database_url=SecretStr(url),
        temporal_address=house.client.service_client.config.target_host,
        command_key=SecretStr(f"the key of the engine {name}"),
        master_key=SecretStr(f"the key of the engine {name}"),
        keys_url=(folder / "keys").as_uri(),
        task_queue=name,
    )
    async with reach(settings, pool=10) as other:
        migrate(other.engine)
        yield other


def first(number: int) -> Scenario:
    """The story's first steps."""
    whole = script()
    return whole.model_copy(update={"steps": whole.steps[:number]})


def done(house: House) -> list[datetime]:
    with house.engine.connect() as connection:
        return list(connection.execute(sa.select(commands.c.at).order_by(commands.c.at)).scalars())


def nothing(step: Step, at: datetime) -> None: ...


async def stopped(house: House, story: Scenario, number: int, later: float) -> None:
    """Fill, and press Ctrl-C so many seconds after a step has begun; what a thread had begun is done at the end."""

    def stop(step: Step, _: datetime) -> None:
        if step.number == number:
            asyncio.get_running_loop().call_later(later, filling.cancel)

    filling = asyncio.create_task(fill(house, story, stop))
    with suppress(asyncio.CancelledError):
        await filling
    await asyncio.to_thread(close, house.engine)


async def test_a_filling_that_is_stopped_goes_on_and_what_is_open_has_a_workflow(house: House, tmp_path: Path) -> None:
    story = first(24)
    assert any(step.act is not None and "evidence" in step.act.given() for step in story.steps)

    async with empty(house, "past", tmp_path) as other:
        begun = list[datetime]()
        for number, later in ((4, 0.0), (9, 0.004), (12, 0.008), (15, 0.012), (18, 0.016), (21, 0.02)):
            await stopped(other, story, number, later)
            assert done(other)[: len(begun)] == begun
            begun = done(other)
        assert len(begun) > 12
        await fill(other, story, nothing)
        await fill(other, story, nothing)
        moves = done(other)
        assert (len(moves), moves[: len(begun)]) == (24, begun)
        told = sum((step.after or timedelta() for step in story.steps), timedelta())
        assert timedelta() <= moves[-1] - moves[0] - told < timedelta(seconds=1)
        assert moves[-1] <= other.clock.now()
        with other.engine.connect() as connection:
            assert (state.begun(connection), state.complete(connection)) == (moves[0], False)
            assert connection.execute(sa.select(sa.func.count()).where(evidence.c.case.is_(None))).scalar() == 0
            still = connection.execute(sa.select(cases.c.id).where(cases.c.status != Status.CLOSED)).scalars().all()
            account = identity.account(connection, "tam")
        assert account is not None
        assert (account.demo, account.totp_secret is not None) == (True, True)
        assert still
        with other.engine.connect() as connection:
            assert notice.read_up_to(connection, "ann") == moves[-1] - timedelta(days=1, hours=12)
        async with work(other):
            with picture(other.engine) as connection:
                differences = verify(connection, other.clock.now(), other.client, other.objects)
                assert [f"{one}" async for one in differences] == []


async def test_an_engine_with_other_cases_is_not_filled(house: House, door: Door) -> None:
    (_, jan), (lotus, _) = await agency(house, "jade"), await agency(house, "lotus")
    said = {"clause": "agency.poaching", "against": lotus, "details": "seen"}
    await door.send(jan, "report", said, key="one that is there")
    before = done(house)
    with pytest.raises(EmbeddedError, match="set another CASEWORK_DATA_DIR"):
        await fill(house, first(2), nothing)
    assert done(house) == before


def test_the_first_and_the_last_step_say_what_there_is() -> None:
    steps = script().steps
    assert ((steps[0].by, steps[0].number), (steps[-1].by, steps[-1].number)) == (state.FIRST, state.LAST)
    assert steps[0].after is None
    assert not any(step.at or step.expect for step in steps), "it ends whenever it is played"
