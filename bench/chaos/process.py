"""A process of the product, started again whenever it ends, as an orchestrator does."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path


class Process:
    """`casework worker` or `casework api`, with settings of its own; its output goes into a file."""

    def __init__(self, command: str, environment: Mapping[str, str], log: Path) -> None:
        self._command, self._environment, self._log = command, environment, log
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = False
        self.ends = 0

    @property
    def pid(self) -> int:
        """Of the process that runs now."""
        return self._process.pid if self._process else 0

    def send(self, number: signal.Signals) -> None:
        """Send it a signal, if it runs."""
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(number)

    @asynccontextmanager
    async def kept(self) -> AsyncIterator["Process"]:
        """Keep it running until the block ends."""
        keeper = asyncio.create_task(self._keep())
        try:
            yield self
        finally:
            self._stopping = True
            self.send(signal.SIGCONT)
            self.send(signal.SIGKILL)
            await keeper

    async def _keep(self) -> None:
        casework = Path(sys.executable).with_name("casework")
        while not self._stopping:
            with self._log.open("ab") as log:
                self._process = await asyncio.create_subprocess_exec(
                    casework, self._command, env=dict(self._environment), stdout=log, stderr=log
                )
                if self._stopping:  # it was told to stop while this one began
                    self._process.kill()
                await self._process.wait()
            self.ends += 1
            await asyncio.sleep(0.2)
