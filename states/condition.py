"""When may somebody see a row? Conditions as data: the same one is evaluated in Python and compiled to SQL."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from states.situation import Actor

Fact = str | datetime | None
Facts = Mapping[str, Fact]


class Condition(ABC):
    """A predicate over a row's facts and the actor who reads the row. An unknown fact (None) is nobody's."""

    def __and__(self, other: "Condition") -> "Condition":
        return All((self, other))

    def __or__(self, other: "Condition") -> "Condition":
        return Any((self, other))

    @abstractmethod
    def holds(self, actor: Actor, facts: Facts) -> bool:
        """Whether it holds of the row for the actor."""

    def leaves(self) -> Iterator["Condition"]:
        """The conditions that it is made of, itself if of no others."""
        yield self


@dataclass(frozen=True)
class All(Condition):
    parts: tuple[Condition, ...]

    def holds(self, actor: Actor, facts: Facts) -> bool:
        return all(part.holds(actor, facts) for part in self.parts)

    def leaves(self) -> Iterator[Condition]:
        return (leaf for part in self.parts for leaf in part.leaves())

    def __str__(self) -> str:
        return " and ".join(_inside(part) for part in self.parts) or "always"


@dataclass(frozen=True)
class Any(Condition):
    parts: tuple[Condition, ...]

    def holds(self, actor: Actor, facts: Facts) -> bool:
        return any(part.holds(actor, facts) for part in self.parts)

    def leaves(self) -> Iterator[Condition]:
        return (leaf for part in self.parts for leaf in part.leaves())

    def __str__(self) -> str:
        return " or ".join(_inside(part) for part in self.parts)


@dataclass(frozen=True)
class Is(Condition):
    """The fact has this value; without one, the fact is unknown."""

    fact: str
    value: Fact

    def holds(self, actor: Actor, facts: Facts) -> bool:  # noqa: ARG002  # the same for everybody
        return facts[self.fact] == self.value

    def __str__(self) -> str:
        return f"{self.fact} is {self.value or 'nobody'}"


@dataclass(frozen=True)
class Mine(Condition):
    """The fact names one of the actor's own: themselves, their agency, or one of their regions."""

    fact: str
    own: str

    def holds(self, actor: Actor, facts: Facts) -> bool:
        return facts[self.fact] in owned(actor, self.own)

    def __str__(self) -> str:
        return f"{self.fact} is {_OWN[self.own]}"


@dataclass(frozen=True)
class Since(Condition):
    """The fact is a time, and not before the actor came to their present role and agency (ruling 23)."""

    fact: str

    def holds(self, actor: Actor, facts: Facts) -> bool:
        at = facts[self.fact]
        return actor.since is None or (isinstance(at, datetime) and at >= actor.since)

    def __str__(self) -> str:
        return f"{self.fact} is not before the reader came"


ALWAYS = All(())
_OWN = {"id": "the reader", "agency": "the reader's agency", "regions": "one of the reader's regions"}


def _inside(part: Condition) -> str:
    return f"({part})" if isinstance(part, Any) and len(part.parts) > 1 else f"{part}"


def me(fact: str) -> Condition:
    """The fact names the actor."""
    return Mine(fact, "id")


def mine(fact: str) -> Condition:
    """The fact names the actor's agency."""
    return Mine(fact, "agency")


def my_regions(fact: str) -> Condition:
    """The fact names one of the actor's regions."""
    return Mine(fact, "regions")


def since_i_came(fact: str) -> Condition:
    """The fact is a time since which the actor has their present role and agency."""
    return Since(fact)


def owned(actor: Actor, own: str) -> frozenset[str]:
    """What `Mine` compares with: `id` and `agency` are one or none, `regions` are several."""
    value: str | frozenset[str] | None = getattr(actor, own)
    if value is None:
        return frozenset()
    return frozenset({value}) if isinstance(value, str) else value
