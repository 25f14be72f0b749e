"""What is wrong with a rulebook? Errors that name the file, the line, the key and the value."""

from collections.abc import Sequence
from dataclasses import dataclass

from rulebook.mistake import Mistake

MISSING = object()
# So many mistakes of one section, or of one file, are told.
MOST_TOLD = 50
# The longest path that a message shows.
_PATH = 300


def short(text: str, most: int = 80) -> str:
    """A text for a message, shortened to a line."""
    return text if len(text) <= most else f"{text[: most - 3]}..."


@dataclass(frozen=True)
class Fault:
    """One mistake; `value` is what stands there, `MISSING` where nothing does.

    `at` is what leads to it in its file: keys, and of lists the `key` of an item, or its index from 0. Empty, it is the
    key itself. `line` counts from 1; none where the file is not at hand, as for a version that a database keeps. Of
    what is no YAML, `column` says where in the line, from 1.
    """

    file: str
    key: str
    value: object
    mistake: Mistake
    at: tuple[str, ...] = ()
    line: int | None = None
    column: int | None = None

    @property
    def message(self) -> str:
        """What is wrong there, in English."""
        return self.mistake.message

    def __str__(self) -> str:
        place = short(self.file, _PATH) + ("" if self.line is None else f":{self.line}")
        value = "" if self.value is MISSING else f" = {short(repr(self.value))}"
        return f"{place}: {short(self.key)}{value}: {self.message}"


class RulebookError(ValueError):
    """A rulebook can't be used; the text has one line a fault, up to 50, the attributes are those of the first."""

    def __init__(
        self,
        file: str,
        key: str,
        value: object,
        mistake: Mistake,
        more: Sequence[Fault] = (),
        *,
        at: tuple[str, ...] = (),
        line: int | None = None,
        column: int | None = None,
    ) -> None:
        self.file, self.key, self.value, self.message = file, key, value, mistake.message
        self.faults = (Fault(file, key, value, mistake, at, line, column), *more)
        rest = ["and more"] if len(self.faults) > MOST_TOLD else []
        super().__init__("\n".join([*map(str, self.faults[:MOST_TOLD]), *rest]))

    @classmethod
    def of(cls, faults: Sequence[Fault]) -> "RulebookError":
        """Join faults, at least one."""
        first, *more = faults
        its = first.file, first.key, first.value, first.mistake, more
        return cls(*its, at=first.at, line=first.line, column=first.column)


class UnknownRegion(LookupError):  # noqa: N818 - it is the name of what happened
    """The rulebook has no such region, or it is only a parent of others, such as `EU`."""

    def __init__(self, region: str, known: Sequence[str]) -> None:
        self.region = region
        super().__init__(f"region {region!r} is not one of {', '.join(known)}")
