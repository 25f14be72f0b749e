"""The embedded Temporal: the development server's command, and how it is asked whether it serves."""

import asyncio
import os
import signal
from collections.abc import Sequence
from pathlib import Path

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError

from activities.shown import KEYS
from workers.embedded.binary import binary
from workers.embedded.child import Child, Program, Report
from workers.embedded.port import HOST, claim
from workers.embedded.secret import folder
from workers.settings import Settings

# It picks free ports for its parts, which another program may take first; a panic at its start was seen once.
MISHAP = ("panic:", "bind: address already in use")


async def temporal(
    settings: Settings, *, ephemeral: bool, headless: bool, extra: Sequence[str], report: Report
) -> Child:
    """Temporal's server, not yet started: its store is a file, or memory where it is ephemeral."""
    home = settings.data_dir
    command = [str(binary("temporal")), "server", "start-dev", "--ip", HOST, "--port", str(settings.temporal_port)]
    command += ["--namespace", settings.temporal_namespace, "--log-level", "warn", "--ui-disable-news-fetch"]
    # Known before it serves: what is added later some of its parts learn late, and refuse cases until then.
    command += [word for key in KEYS for word in ("--search-attribute", f"{key.name}=Keyword")]
    # The server has one shard, which by default looks for new tasks 20 times a second: every start waited 50 ms.
    command += ["--dynamic-config-value", "history.transferProcessorMaxPollRPS=1000"]
    command += ["--headless"] if headless else ["--ui-port", str(settings.ui_port)]
    if not ephemeral:
        # 2.6 times faster than the defaults. With NORMAL a killed process loses nothing, a power cut the last moment,
        # which the sweep then makes good from the rows.
        pragmas = ("--sqlite-pragma", "journal_mode=WAL", "--sqlite-pragma", "synchronous=NORMAL")
        command += ["--db-filename", str(home / "temporal.db"), *pragmas]
    await claim(settings.temporal_port, of="Temporal", setting="CASEWORK_TEMPORAL_PORT")
    if not headless:
        await claim(settings.ui_port, of="Temporal's pages", setting="CASEWORK_UI_PORT")
    program = Program(
        name="Temporal",
        command=(*command, *extra),
        folder=home,
        own=home,
        log=folder(home / "logs") / "temporal.log",
        stop=signal.SIGTERM,
        death=signal.SIGKILL,
        environment=_environment(home),
        mishap=MISHAP,
    )

    async def ready() -> bool:
        return await _serves(f"{HOST}:{settings.temporal_port}", settings.temporal_namespace)

    return Child(program, ready, report)


def _environment(home: Path) -> dict[str, str]:
    # Neither a profile of the user's nor a TEMPORAL_* variable may change what we start.
    return {"HOME": str(home), "PATH": os.defpath}


async def _serves(address: str, namespace: str) -> bool:
    try:
        async with asyncio.timeout(5):
            _, writer = await asyncio.open_connection(*address.split(":"))
            writer.close()
            await writer.wait_closed()
            client = await Client.connect(address, namespace=namespace)
            await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=namespace))
    except (OSError, RuntimeError, RPCError, TimeoutError):
        return False
    return True
