"""A worker and a desk on servers that they did not start, with a database of their own."""

import asyncio
import json
import os
import pwd
import signal
from pathlib import Path
from subprocess import Popen

from sqlalchemy import create_engine, text
from terminal import Terminal, stop, terminal

from desk.demo import cast
from store.engine import connect
from workers.clock import Clock
from workers.reach import House


async def test_a_worker_serves_a_database_and_a_temporal_of_others(house: House, tmp_path: Path) -> None:
    at = terminal(
        tmp_path,
        database_url=new_database(house, "external"),
        temporal_address=house.client.service_client.config.target_host,
        command_key="a key that desk and worker share",
        master_key="a key that desk and worker share",
        keys_url=(tmp_path / "keys").as_uri(),
        task_queue="external",
        logs="json",
    )
    before = await asyncio.to_thread(at.casework, "worker")
    assert (before.returncode, before.stderr.count("\n")) == (1, 1)
    migrated = await asyncio.to_thread(at.casework, "migrate")
    assert migrated.returncode == 0, migrated.stderr
    nowhere = Terminal(at.folder, {**at.environment, "CASEWORK_EVIDENCE_URL": "file:///dev/null/evidence"})
    refused = await asyncio.to_thread(nowhere.casework, "worker")
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert "CASEWORK_EVIDENCE_URL" in refused.stderr
    introduce(at)
    await asyncio.to_thread(report, at)


def new_database(house: House, name: str) -> str:
    admin = create_engine(house.engine.url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    admin.dispose()
    url = house.engine.url.set(drivername="postgresql", database=name)
    return url.render_as_string(hide_password=False)


def introduce(at: Terminal) -> None:
    engine = connect(at.environment["CASEWORK_DATABASE_URL"], pool=1)
    with engine.begin() as connection:
        cast.introduce(connection, Clock().now())
    engine.dispose()


def report(at: Terminal) -> None:
    words = ("--clause", "agency.poaching", "--against", "lotus", "--details", "They offered money.")
    with (at.folder / "log").open("w+") as log:
        process, _ = at.start("worker", stderr=log)
        case = _report(at, process, words)
        log.seek(0)
        lines = [json.loads(line) for line in log]
    assert [(line["move"], line["status"]) for line in lines if line.get("case") == case][:1] == [("submit", "queued")]


def _report(at: Terminal, process: Popen[str], words: tuple[str, ...]) -> str:
    try:
        refused = at.casework("report", "--by", "jan", *words)
        assert (refused.returncode, "CASEWORK_OPERATOR" in refused.stderr) == (1, True)
        at.environment["CASEWORK_OPERATOR"] = "j.doe"
        filed = at.told("report", "--by", "jan", *words)
        assert filed["status"] == "queued"
        user = pwd.getpwuid(os.getuid()).pw_name
        first = at.told("case", "show", filed["case"], "--by", "oli")["timeline"][0]
        assert first["through"] == f"command_line/{user}/j.doe"
        shown = at.casework("case", "show", filed["case"], "--by", "oli").stdout
        assert f"command_line/{user}/j.doe" in shown.replace("\n", "")
    finally:
        code, said = stop(process, signal.SIGTERM)
    assert code == 0
    assert "has stopped" in said
    return str(filed["case"])
