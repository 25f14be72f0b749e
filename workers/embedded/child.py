"""Is the server up?"""

import asyncio
import os
import signal
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from workers.embedded.account import Account, launched
from workers.embedded.error import EmbeddedError

READY_SECONDS = 30
STOP_SECONDS = 10
RESTARTS_PER_MINUTE = 5
LOG_BYTES = 10_000_000

Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Program:
    """A server's command, where it runs and writes, and the signals that end it: ours, and the kernel's if we die."""

    name: str
    command: tuple[str, ...]
    folder: Path
    log: Path
    stop: signal.Signals
    death: signal.Signals
    environment: Mapping[str, str]
    account: Account | None = None


class Child:
    """One server, started, watched and stopped by us; `ready` asks it once whether it serves."""

    def __init__(self, program: Program, ready: Callable[[], Awaitable[bool]], report: Report) -> None:
        self._program = program
        self._ready = ready
        self._report = report
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Return when the server serves.

        Raises EmbeddedError where it ends before, or is not ready after 30 s.
        """
        start = _size(self._program.log)
        self._process = process = await spawn(self._program)
        try:
            async with asyncio.timeout(READY_SECONDS):
                while process.returncode is None:
                    if await self._ready():
                        return
                    await asyncio.sleep(0.05)
        except TimeoutError:
            await self.stop()
            raise EmbeddedError(
                f"{self._program.name} was not ready after {READY_SECONDS} s; its log is {self._program.log}."
            ) from None
        raise failed(self._program, start)

    async def watch(self) -> None:
        """Start the server again whenever it ends.

        Raises EmbeddedError when it does so too often.
        """
        now = asyncio.get_running_loop().time
        restarts: deque[float] = deque(maxlen=RESTARTS_PER_MINUTE)
        name = self._program.name
        while self._process:
            code = await self._process.wait()
            if len(restarts) == RESTARTS_PER_MINUTE and now() - restarts[0] < 60:
                raise EmbeddedError(
                    f"{name} ended {len(restarts) + 1} times within a minute and is not started again; "
                    f"its log is {self._program.log}."
                )
            recent = sum(now() - then < 60 for then in restarts)
            self._report(f"{name} ended unexpectedly ({_ending(code)}); starting it again.")
            restarts.append(now())
            await asyncio.sleep(0.2 * 2**recent)
            try:
                await self.start()
            except EmbeddedError as error:
                self._report(str(error))
            else:
                self._report(f"{name} is back.")

    async def stop(self) -> None:
        """End the server: politely, after 10 s by force."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        try:
            with suppress(ProcessLookupError):
                process.send_signal(self._program.stop)
            async with asyncio.timeout(STOP_SECONDS):
                await process.wait()
        except TimeoutError:
            self._report(f"{self._program.name} did not stop within {STOP_SECONDS} s and was killed.")
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.kill()
                await process.wait()


async def spawn(program: Program) -> asyncio.subprocess.Process:
    """Start a program in a session of its own, so that the terminal's Ctrl-C reaches only us."""
    with _written(program.log) as log:
        return await asyncio.create_subprocess_exec(
            *launched(program.command, account=program.account, death=program.death),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=asyncio.subprocess.STDOUT,
            cwd=program.folder,
            env=dict(program.environment),
            start_new_session=True,
            umask=0o077,
        )


def failed(program: Program, start: int) -> EmbeddedError:
    """The sentence about a program that ended, with the last thing it wrote since `start` bytes of log."""
    with program.log.open("rb") as log:
        log.seek(start)
        lines = [line for line in log.read().decode(errors="replace").splitlines() if line.strip()]
    wrong = [line for line in lines if "FATAL" in line or "rror:" in line] or lines or ["it wrote nothing"]
    return EmbeddedError(f"{program.name} did not start: {wrong[-1].strip()} (its log is {program.log}).")


def _size(log: Path) -> int:
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.replace(log.with_suffix(".old.log"))
    return log.stat().st_size if log.exists() else 0


def _written(log: Path) -> IO[bytes]:
    return os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")


def _ending(code: int) -> str:
    return f"exit {code}" if code >= 0 else signal.Signals(-code).name
