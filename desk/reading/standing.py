"""How creators and agents stand to the lines of the tiers: in which order they come, what is told of an agent. Pure."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import inf
from typing import Any

from rulebook.scheme import ScoreScheme
from rulebook.score import Standing
from states.situation import Actor
from states.terms import Role

# Open cases: respondent, the agent who managed them when it happened or was reported, and how many.
Concerned = Sequence[tuple[str, str | None, int]]


class Order(StrEnum):
    """In which order creators come: next to a line, lowest, with most open cases, soonest to recover; or by name."""

    NEAR = "near"
    SCORE = "score"
    OPEN = "open"
    RECOVERY = "recovery"
    NAME = "name"


@dataclass(frozen=True)
class CreatorStands:
    """A creator's score, how it stands to the tiers, open cases, and how many clean days bring the next points.

    `scheme` is how it is counted. `recovers_in` is none where the score is as high as it can be, or nothing gives
    points back.
    """

    id: str
    agent: str | None
    score: int
    cap: int
    scheme: ScoreScheme
    standing: Standing
    open: int
    recovers_in: int | None


@dataclass(frozen=True)
class AgentStands:
    """An agent: how many creators, the lowest of their scores, the least distance to a tier, and open cases.

    Open cases are those in which the agent was reported, or managed the respondent when it happened.
    """

    id: str
    creators: int
    lowest: int | None
    next_in: int | None
    open: int


def agents_of(actor: Actor | None, creators: Sequence[CreatorStands], concerned: Concerned) -> list[AgentStands]:
    """Those who manage a creator, or whom an open case concerns; an agent sees itself alone."""
    cases = Counter[str]()
    for _, agent, many in concerned:
        if agent is not None:
            cases[agent] += many
    names = {one.agent for one in creators if one.agent} | cases.keys()
    if actor is not None and actor.role is Role.AGENT:
        names &= {actor.id}
    found = [_agent(name, [one for one in creators if one.agent == name], cases[name]) for name in names]
    return sorted(found, key=lambda one: (_nearest(one.next_in, one.creators > 0), one.id))


def _agent(name: str, creators: Sequence[CreatorStands], cases: int) -> AgentStands:
    near = min(creators, key=ORDERS[Order.NEAR], default=None)
    lowest = min((one.score for one in creators), default=None)
    return AgentStands(name, len(creators), lowest, near.standing.next_in if near else None, cases)


def _nearest(next_in: int | None, scored: bool = True) -> float:
    """The distance by which one sorts: who is below all lines comes first, who has no score last."""
    return next_in if next_in is not None else -1 if scored else inf


# What creators are sorted by; ties by name.
ORDERS: dict[Order, Callable[[CreatorStands], tuple[Any, ...]]] = {
    Order.NEAR: lambda one: (_nearest(one.standing.next_in), one.score, one.id),
    Order.SCORE: lambda one: (one.score, one.id),
    Order.OPEN: lambda one: (-one.open, _nearest(one.standing.next_in), one.id),
    Order.RECOVERY: lambda one: (one.recovers_in or inf, one.score, one.id),
    Order.NAME: lambda one: (one.id,),
}
