"""A server's log: kept small, written by the server, and read for why a start failed or how a recovery goes."""

import os
from pathlib import Path
from typing import IO

from workers.embedded.error import EmbeddedError

LOG_BYTES = 10_000_000
# What marks a line of PostgreSQL's, Go's or Temporal's that says why it ended.
_WRONG = ("FATAL", "PANIC", "rror:", "panic:")
# What PostgreSQL answers to a connection that comes too early has FATAL too, and is no reason.
_TOO_EARLY = "FATAL:  the database system is"


class Since:
    """What a program writes into its log from now on; a log that has grown too long is put aside first."""

    def __init__(self, log: Path) -> None:
        if log.exists() and log.stat().st_size > LOG_BYTES:
            log.replace(log.with_suffix(".old.log"))
        self._log = log
        self._start = self._read = log.stat().st_size if log.exists() else 0

    def news(self) -> list[str]:
        """The whole lines that were written since the last call."""
        text, _, _ = self._after(self._read).rpartition(b"\n")
        self._read += len(text) + bool(text)
        return text.decode(errors="replace").splitlines()

    def lines(self) -> list[str]:
        """All lines since the start that are not blank."""
        return [line for line in self._after(self._start).decode(errors="replace").splitlines() if line.strip()]

    def failure(self, name: str) -> EmbeddedError:
        """The sentence about a program that ended, with the last that it wrote of what went wrong."""
        lines = self.lines()
        wrong = [line for line in lines if any(sign in line for sign in _WRONG) and _TOO_EARLY not in line]
        why = (wrong or lines or ["it wrote nothing"])[-1].strip()
        return EmbeddedError(f"{name} did not start: {why} (its log is {self._log}).")

    def _after(self, at: int) -> bytes:
        if not self._log.exists():
            return b""
        with self._log.open("rb") as log:
            log.seek(at)
            return log.read()


def written(log: Path) -> IO[bytes]:
    """The log, opened for a program to write at its end; readable by us only."""
    return os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")
