"""How a decoding process answers: nothing, where the file is what it says; else by its exit code why it is refused."""

from enum import IntEnum


class Verdict(IntEnum):
    """An exit code. 1 and 2 are Python's own, for what is wrong with us."""

    FINE = 0
    BROKEN = 10
    PIXELS = 11
    LOCKED = 12
    COSTLY = 13


class UnfitError(Exception):
    """The file is refused."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.name)
        self.verdict = verdict


# A picture has no more: 50 megapixels are 200 MB in memory.
MOST_PIXELS = 50_000_000
