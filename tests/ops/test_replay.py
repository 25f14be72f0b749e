"""Before a build goes on with what another one began, its histories are replayed."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from conftest import agency, new, person, send
from other_build import begun_by_another_build

from desk.door.door import Door
from ops.replay import replay
from ops.upgrade import Upgrade, WouldBreakError
from states.terms import Role
from workers.build import build
from workers.reach import House

POACHING = {"clause": "agency.poaching", "details": "seen"}


async def test_a_history_that_this_code_would_break_is_told_with_its_event(house: House, door: Door) -> None:
    (_, jan), (lotus, _) = await agency(house, "jade"), await agency(house, "lotus")
    mia = await person(house, Role.MODERATOR)
    case, gone = [(await send(door, jan, "report", against=lotus, **POACHING))["case"] for _ in range(2)]
    await send(door, mia, "claim", case=case)
    await send(door, jan, "withdraw", case=gone)
    await house.client.get_workflow_handle(gone).result()
    queue = new("queue")
    await begun_by_another_build(house.client, odd := new("report"), queue)

    done = await replay(house.client, house.settings.task_queue, only=[case, gone], recent=1)
    assert (done.found, done.replayed, done.broken) == (2, 2, [])
    done = await replay(house.client, queue)
    (broken,) = done.broken
    assert (broken.workflow, broken.open, broken.event, broken.recorded) == (odd, True, 5, "TimerStarted")
    assert broken.builds == ["another"]
    assert broken.instead
    late = await replay(house.client, queue, within=timedelta(0))
    assert (late.found, late.replayed) == (1, 0)


async def test_a_build_starts_over_what_it_would_break_only_where_that_is_accepted(
    house: House, tmp_path: Path
) -> None:
    await begun_by_another_build(house.client, odd := new("report"), queue := new("queue"))
    here = replace(house, settings=house.settings.model_copy(update={"data_dir": tmp_path, "task_queue": queue}))
    said: list[str] = []
    (file := tmp_path / "build").write_text("another", encoding="utf-8")
    with pytest.raises(WouldBreakError) as refused:
        await Upgrade(accept=False, tell=said.append).check(here)
    for word in (f"1 of 1 open workflows ({odd} at event 5)", "go back to", "another", "--accept-broken"):
        assert word in str(refused.value)
    assert file.read_text() == "another"

    accepted = Upgrade(accept=True, tell=said.append)
    await accepted.check(here)
    accepted.note(here, "command_line/olivia")
    with house.engine.connect() as connection:
        incident = connection.execute(sa.text("SELECT facts FROM incidents WHERE kind = 'build_accepted'")).scalar_one()
        through = connection.execute(sa.text("SELECT through FROM records WHERE topic = 'builds'")).scalar_one()
    assert (incident, through) == ({"build": build(), "broken": 1, "replayed": 1}, "command_line/olivia")

    said.clear()
    await Upgrade(accept=False, tell=said.append).check(here)
    assert (file.read_text(), said) == (build(), [])
