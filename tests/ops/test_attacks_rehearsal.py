"""A rehearsal's Temporal asks nobody who they are: it listens where nobody else can ask."""

import asyncio
import os
import signal
import socket
import subprocess
import sys

import pytest
from outside import alive
from terminal import family

from ops.rehearsal.stage.servers import skipping_time
from workers.embedded import loopback

can = pytest.mark.skipif(not loopback.possible(), reason="this kernel puts no calls before another process")
SERVER = """
import socket, sys, time
for family, host in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
    one = socket.socket(family)
    one.bind((host, 0))
    print(one.getsockname()[0], flush=True)
time.sleep(60)
"""


def elsewhere() -> list[str]:
    """The machine's addresses beside loopback."""
    told = subprocess.run(["hostname", "-I"], check=False, capture_output=True, text=True).stdout.split()
    return ["127.0.0.2", "::1", *told]


def answers(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=2).close()
    except OSError:
        return False
    return True


@can
async def test_a_rehearsals_temporal_is_not_there_for_other_machines() -> None:
    async with skipping_time() as environment:
        port = int(environment.client.service_client.config.target_host.rpartition(":")[2])
        assert answers("127.0.0.1", port)
        assert [host for host in elsewhere() if answers(host, port)] == []
        assert await environment.client.service_client.check_health()


@can
async def test_all_addresses_become_loopback_and_the_server_dies_with_whoever_started_it() -> None:
    command = [sys.executable, "-I", "-S", loopback.__file__, sys.executable, "-c", SERVER]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    told = [(await process.stdout.readline()).decode().strip() for _ in range(2)]
    assert told == ["127.0.0.1", "::ffff:127.0.0.1"]
    children = family(process.pid) - {process.pid}
    process.kill()
    await process.wait()
    async with asyncio.timeout(10):
        while any(alive(child) for child in children):
            await asyncio.sleep(0.02)


@can
@pytest.mark.parametrize(("ending", "code"), [("sys.exit(3)", 3), ("time.sleep(60)", -signal.SIGTERM)])
async def test_signals_reach_the_server_and_its_end_is_told(ending: str, code: int) -> None:
    script = f"import sys, time; print('up', flush=True); {ending}"
    command = [sys.executable, "-I", "-S", loopback.__file__, sys.executable, "-c", script]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    assert await process.stdout.readline() == b"up\n"
    if code < 0:
        os.kill(process.pid, signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), 10) == code % 256
