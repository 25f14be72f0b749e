"""How creators and agents stand to the lines of the tiers: in which order they come, what is told of an agent. Pure."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import inf
from typing import Any

from rulebook.scheme import ScoreScheme
from states.situation import Actor
from states.terms import Role

# Open cases: respondent, the agent who managed them when it happened or was reported, and how many.
Concerned = Sequence[tuple[str, str | None, int]]


class Order(StrEnum):
    """In which order they come: next to a line, lowest, with most open cases, soonest to recover; or by name."""

    NEAR = "near"
    SCORE = "score"
    OPEN = "open"
    RECOVERY = "recovery"
    NAME = "name"


@dataclass(frozen=True)
class Figures:
    """What creators and agents are put in order by: score, points to the next tier, open cases, clean days to recovery.

    `next_in` is none below all tiers. `recovers_in` is none where the score is as high as it can be, or nothing gives
    points back.
    """

    id: str
    score: int | None
    next_in: int | None
    open: int
    recovers_in: int | None


@dataclass(frozen=True)
class CreatorStands(Figures):
    """A creator's own; `scheme` is how the score is counted, `tier` and `left_by` are as in `Standing`."""

    score: int
    agent: str | None
    cap: int
    scheme: ScoreScheme
    tier: str | None
    left_by: int | None


@dataclass(frozen=True)
class AgentStands(Figures):
    """An agent's: the lowest score of its creators, the least distance, the soonest recovery; none where it has none.

    Open cases are those in which the agent was reported, or managed the respondent when it happened.
    """

    creators: int


def agents_of(
    actor: Actor | None, creators: Sequence[CreatorStands], concerned: Concerned, order: Order
) -> list[AgentStands]:
    """Those who manage a creator, or whom an open case concerns, in order; an agent sees itself alone."""
    cases = Counter[str]()
    for _, agent, many in concerned:
        if agent is not None:
            cases[agent] += many
    names = {one.agent for one in creators if one.agent} | cases.keys()
    if actor is not None and actor.role is Role.AGENT:
        names &= {actor.id}
    found = [_agent(name, [one for one in creators if one.agent == name], cases[name]) for name in names]
    return sorted(found, key=ORDERS[order])


def _agent(name: str, creators: Sequence[CreatorStands], cases: int) -> AgentStands:
    near = min(creators, key=ORDERS[Order.NEAR], default=None)
    return AgentStands(
        id=name,
        score=min((one.score for one in creators), default=None),
        next_in=near.next_in if near else None,
        open=cases,
        recovers_in=min((one.recovers_in for one in creators if one.recovers_in is not None), default=None),
        creators=len(creators),
    )


def _nearest(one: Figures) -> tuple[float, float]:
    """The distance to the next tier, and the score; who is below all tiers comes first, who has no score last."""
    return (inf if one.score is None else -1 if one.next_in is None else one.next_in), _or_last(one.score)


def _or_last(figure: int | None) -> float:
    return inf if figure is None else figure


# What creators and agents are sorted by; ties by name.
ORDERS: dict[Order, Callable[[Figures], tuple[Any, ...]]] = {
    Order.NEAR: lambda one: (*_nearest(one), one.id),
    Order.SCORE: lambda one: (_or_last(one.score), one.id),
    Order.OPEN: lambda one: (-one.open, *_nearest(one), one.id),
    Order.RECOVERY: lambda one: (_or_last(one.recovers_in), *_nearest(one), one.id),
    Order.NAME: lambda one: (one.id,),
}
