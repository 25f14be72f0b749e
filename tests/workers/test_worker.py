"""A worker that gave up is followed by another, and one that can't begin says so: nobody gets up at night for it."""

import asyncio
import logging
import re
from pathlib import Path
from typing import Any

import pytest
from conftest import agency, new, send
from pydantic import SecretStr
from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.worker import Worker, WorkerDeploymentConfig
from terminal import keys

from activities.clock import Own
from desk.door.door import Door
from workers import worker
from workers.build import build, versioned
from workers.embedded.error import EmbeddedError
from workers.reach import House, reach
from workers.settings import Settings
from workers.worker import compose, working

REPORT = {"clause": "agency.poaching", "details": "seen on stream"}


async def test_a_worker_that_gave_up_is_followed_by_another(
    house: House, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first one fails before it begins, which leaves its place on the connection taken."""
    monkeypatch.setattr(worker, "PAUSE", 0.1)
    queue, made = new("queue"), list[Worker]()
    (_, jan), (lotus, _) = await agency(house, "jade"), await agency(house, "lotus")

    async def fail() -> None:
        raise RuntimeError("the namespace was not found")

    def make(client: Client) -> Worker:
        made.append(compose(client, house.engine, house.key, queue, clock=Own(house.clock.now), sandbox=False))
        if len(made) == 1:
            monkeypatch.setattr(made[0], "run", fail)
        return made[-1]

    with caplog.at_level(logging.ERROR, "casework.worker"):
        async with working(house.client, make), Door.of(house, queue) as door:
            assert (await send(door, jan, "report", against=lotus, **REPORT))["status"] == "queued"
    told = [record.message for record in caplog.records if record.name == "casework.worker"]
    assert told == ["the worker gave up, and another takes its place"]
    assert len(made) == 2
    assert made[1].is_shutdown


async def test_a_worker_is_not_begun_where_it_never_could(house: House) -> None:
    with pytest.raises(ValueError, match=r"workflow\.defn"):
        async with working(house.client, lambda client: Worker(client, task_queue="none", workflows=[object])):
            raise AssertionError("it has begun")


async def test_a_namespace_that_is_not_there_is_one_sentence(house: House, tmp_path: Path) -> None:
    address = house.client.service_client.config.target_host
    url = house.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    settings = Settings(
        data_dir=tmp_path,
        database_url=SecretStr(url),
        temporal_address=address,
        temporal_namespace="nowhere",
        **{name: SecretStr(said) if name != "keys_url" else said for name, said in keys(house).items()},
    )
    with pytest.raises(EmbeddedError, match=rf"{address}: Namespace nowhere is not found"):
        async with asyncio.timeout(10), reach(settings):
            raise AssertionError("it was reached")


def test_a_worker_says_which_build_it_is(house: House) -> None:
    made = compose(house.client, house.engine, house.key, new("queue"), clock=Own(house.clock.now), sandbox=False)
    assert made.config()["build_id"] == build()
    assert re.fullmatch(r"casework-[0-9a-f]{16}-sdk-[\d.]+", build())
    own: Any = {"clock": Own(house.clock.now), "sandbox": False, "version": versioned("casework")}
    version = compose(house.client, house.engine, house.key, new("queue"), **own).config()["deployment_config"]
    assert version == WorkerDeploymentConfig(
        WorkerDeploymentVersion("casework", build()), True, VersioningBehavior.AUTO_UPGRADE
    )
