"""A finding of `verify`."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Difference:
    """One thing that is not as it must be: where, what, and what was expected and found."""

    where: str
    what: str
    expected: object = None
    found: object = None

    def __str__(self) -> str:
        if self.expected is None and self.found is None:
            return f"{self.where}: {self.what}"
        return f"{self.where}: {self.what}: expected {self.expected}, found {self.found}"
