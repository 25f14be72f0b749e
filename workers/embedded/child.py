"""A server as our child process: started, waited for, watched, started again and stopped."""

import asyncio
import signal
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from workers.embedded.account import Account, launched
from workers.embedded.error import EmbeddedError
from workers.embedded.log import Since, written

# How long a start may take, and how long a recovery may go without progress.
READY_SECONDS = 30
STALLED_SECONDS = 300
# A recovery that takes less is not reported.
SPOKEN_OF_SECONDS = 1
STOP_SECONDS = 10
RESTARTS_PER_MINUTE = 5

Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Program:
    """A server's command, where it runs and logs, and the signals that end it: ours, and the kernel's if we die.

    `own` is the folder of the files that it may use where it is confined (`confine.py`).

    `recovery`, `step` and `mishap` are parts of lines of its log: it recovers from an unclean stop; it made progress in
    that; it ended by a mishap that a second start may not meet again.
    """

    name: str
    command: tuple[str, ...]
    folder: Path
    own: Path
    log: Path
    stop: signal.Signals
    death: signal.Signals
    environment: Mapping[str, str]
    account: Account | None = None
    recovery: tuple[str, ...] = ()
    step: tuple[str, ...] = ()
    mishap: tuple[str, ...] = ()


class Child:
    """One server, started, watched and stopped by us; `ready` asks it once whether it serves."""

    def __init__(self, program: Program, ready: Callable[[], Awaitable[bool]], report: Report) -> None:
        self._program = program
        self._ready = ready
        self._report = report
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Return when the server serves; one that recovers is waited for while it makes progress.

        Raises EmbeddedError where it ends before (by a mishap: twice), is not ready after 30 s, or recovers and makes
        no progress for 5 minutes.
        """
        for last in (False, True):
            log = Since(self._program.log)
            if await self._serves(log):
                return
            error = log.failure(self._program.name)
            if last or not any(_has(line, self._program.mishap) for line in log.lines()):
                raise error
            self._report(f"{error} It is started once more.")

    async def _serves(self, log: Since) -> bool:
        """Start the server; whether it serves, or has ended. Raises EmbeddedError where it does neither."""
        self._process = process = await spawn(self._program)
        now = asyncio.get_running_loop().time
        start = progress = now()
        recovers = spoken_of = False
        while process.returncode is None:
            if await self._answers():
                return True
            for line in log.news():
                recovers = recovers or _has(line, self._program.recovery)
                progress = now() if recovers and _has(line, self._program.step) else progress
            if recovers and not spoken_of and now() - start > SPOKEN_OF_SECONDS:
                spoken_of = True
                self._report(f"{self._program.name} recovers from an unclean stop; this can take a while …")
            if now() - progress > (STALLED_SECONDS if recovers else READY_SECONDS):
                await self.stop()
                raise self._unready(recovers=recovers)
            # At first a hundred times a second, then less often: each try costs the server a process and a log line.
            await asyncio.sleep(min(max((now() - start) / 10, 0.01), 0.5))
        return False

    async def _answers(self) -> bool:
        try:
            async with asyncio.timeout(READY_SECONDS):
                return await self._ready()
        except TimeoutError:
            return False

    def _unready(self, *, recovers: bool) -> EmbeddedError:
        stalled = f"made no progress in its recovery for {STALLED_SECONDS} s"
        why = stalled if recovers else f"was not ready after {READY_SECONDS} s"
        return EmbeddedError(f"{self._program.name} {why}; its log is {self._program.log}.")

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
        """End the server: by its stop signal, after 10 s by SIGKILL."""
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


async def spawn(program: Program, stdin: int = asyncio.subprocess.DEVNULL) -> asyncio.subprocess.Process:
    """Start a program in a session of its own, so that the terminal's Ctrl-C reaches only us."""
    with written(program.log) as log:
        return await asyncio.create_subprocess_exec(
            *launched(program.command, account=program.account, death=program.death, own=program.own),
            stdin=stdin,
            stdout=log,
            stderr=asyncio.subprocess.STDOUT,
            cwd=program.folder,
            env=dict(program.environment),
            start_new_session=True,
        )


async def done(program: Program, said: str = "") -> None:
    """Run a program to its end, with what it is told.

    Raises EmbeddedError where it fails.
    """
    log = Since(program.log)
    process = await spawn(program, stdin=asyncio.subprocess.PIPE)
    try:
        await process.communicate(said.encode())
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        raise log.failure(program.name)


def _has(line: str, signs: tuple[str, ...]) -> bool:
    return any(sign in line for sign in signs)


def _ending(code: int) -> str:
    return f"exit {code}" if code >= 0 else signal.Signals(-code).name
