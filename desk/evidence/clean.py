"""Is a file what it says, and what of it is kept? A process of its own decodes it; of a picture nothing else is kept.

Videos and PDFs are kept as they were sent, with what their maker wrote into them: where and by whom they were made.
"""

import asyncio
import signal
import sys
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile

from desk.evidence.decoding.verdict import MOST_PIXELS, Verdict
from desk.refusal import ProblemError
from states.terms import Code
from store.objects import File
from store.schema.evidence import FileKind

# Decoded at once in this process, and the seconds that one may take.
_AT_ONCE, _LONGEST = 2, 60
_KEYS: dict[int, str] = {
    -signal.SIGXCPU: "file_costly",
    -signal.SIGKILL: "file_costly",
    Verdict.PIXELS: "file_pixels",
    Verdict.LOCKED: "file_locked",
    Verdict.COSTLY: "file_costly",
}


class Cleaner:
    """Decodes files, two at once. A picture that is written again lies in `folder` meanwhile, without a name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._turns = asyncio.Semaphore(_AT_ONCE)

    @asynccontextmanager
    async def cleaned(self, kind: FileKind, sent: File) -> AsyncIterator[File]:
        """What is kept of a file: itself, or, of a picture, another one.

        Raises:
            ProblemError: `invalid`: it is not what it says, or not whole; it has too many pixels, no page, a password.
        """
        if not kind.startswith("image/"):
            await self._decode(kind, sent, sent)
            yield sent
            return
        with TemporaryFile(dir=self._folder) as clean:
            await self._decode(kind, sent, clean)
            yield clean

    async def _decode(self, kind: FileKind, sent: File, clean: File) -> None:
        sent.seek(0)
        async with self._turns:
            code = await _run(kind, sent.fileno(), clean.fileno())
        if code in {1, 2}:
            raise RuntimeError(f"the process that decodes {kind} failed")
        if code != Verdict.FINE:
            raise ProblemError(Code.INVALID, _KEYS.get(code, "file_broken"), "body", kind=kind.value, most=MOST_PIXELS)


async def _run(kind: FileKind, sent: int, clean: int) -> int:
    """The exit code of a decoding process; it sees nothing of our environment, and ends where nobody waits for it."""
    words = (sys.executable, "-I", "-m", "desk.evidence.decoding", kind.value, str(sent), str(clean))
    process = await asyncio.create_subprocess_exec(
        *words, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL, env={}, pass_fds=(sent, clean)
    )
    try:
        async with asyncio.timeout(_LONGEST):
            return await process.wait()
    except TimeoutError:
        return Verdict.COSTLY
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
