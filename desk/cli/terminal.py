"""What do a terminal and the command give each other? Words that are texts; lines that steer nothing and never fail."""

import io
import logging
import os
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rulebook.characters import shown


class WordError(ValueError):
    """A word of the command is no text."""


class OutputError(OSError):
    """What the command says can't be written: the disk is full, for one."""


def given(words: Sequence[str]) -> list[str]:
    """The words of a command in NFC; those that name a file are left as the folder has them.

    Raises:
        WordError: a word is not UTF-8.
    """
    return [word if _names_file(word) else _text(word) for word in words]


def _names_file(word: str) -> bool:
    try:
        return Path(word).exists()
    except (OSError, ValueError):
        return False


def _text(word: str) -> str:
    try:
        read = os.fsencode(word).decode()  # Python has read it by the locale
    except UnicodeError:
        raise WordError(f"`{shown(word)}` is not UTF-8 text.") from None
    return unicodedata.normalize("NFC", read)


class Output(io.TextIOWrapper):
    """A stream that goes on when its reader has gone (`| head`), and escapes what its encoding lacks.

    Where it can't be written for another reason it raises `OutputError`, once: what is said later goes nowhere.
    """

    @classmethod
    def of(cls, stream: io.TextIOWrapper) -> "Output":
        """The same stream, so that nothing stops it. What wrapped it must not be used any more."""
        return cls(stream.detach(), encoding=stream.encoding, errors="backslashreplace", line_buffering=True)

    def write(self, text: str) -> int:
        with self._going_on():
            return super().write(text)
        return len(text)

    def flush(self) -> None:
        with self._going_on():
            super().flush()

    @contextmanager
    def _going_on(self) -> Iterator[None]:
        try:
            yield
        except BrokenPipeError:
            self._let_go()
        except OSError as error:
            self._let_go()
            raise OutputError(f"The output can't be written: {error.strerror}.") from None

    def _let_go(self) -> None:
        """Let all that is still written go nowhere."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.fileno())
        os.close(nowhere)


def steady() -> None:
    """Make both outputs such streams; one that is closed leads nowhere."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115  # as long as the process
        elif isinstance(stream, io.TextIOWrapper) and not isinstance(stream, Output):
            setattr(sys, name, Output.of(stream))


class Plain(logging.Formatter):
    """Writes log lines in which nobody's words steer the terminal."""

    def format(self, record: logging.LogRecord) -> str:
        return shown(super().format(record))
