"""A life as one story: all that happened, in order, by codes and names; who shows it puts them into words."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from itertools import chain
from typing import Any

from desk.reading.life import Life


class Lane(StrEnum):
    """What kind of thing happened.

    A move was made; a deadline was armed, or passed; an activity was tried; the workflow was told to look; or the
    case's appeal or report moved.
    """

    MOVES = "moves"
    ARMED = "armed"
    DEADLINES = "deadlines"
    ATTEMPTS = "attempts"
    LOOKS = "looks"
    BESIDE = "beside"


@dataclass(frozen=True)
class Happening:
    """Something that happened to a case, or `case` beside it; `what` is the move, or the activity's name.

    Of a move: who made it, `through` what, and the status that it led to. Of a deadline: when it is `due`, and since
    when it no longer was one. Of an activity: which attempt it was, and its error, where it failed.
    """

    at: datetime
    lane: Lane
    case: str
    what: str | None = None
    who: str | None = None
    through: str | None = None
    target: str | None = None
    due: datetime | None = None
    cancelled: datetime | None = None
    attempt: int | None = None
    error: str | None = None


def story(life: Life) -> list[Happening]:
    """All that happened, in order."""
    lanes = _moves(life), _deadlines(life), _attempts(life), _looks(life), *map(_beside, life.beside)
    return sorted(chain.from_iterable(lanes), key=lambda one: one.at)


def told(life: Life) -> dict[str, Any]:
    """A life for machines, as API and command line answer it.

    `workflow` is `running` or `ended`; none where Temporal knows nothing of it, or can't be asked (then `asked` is
    false). Of the builds that carried it out the last one is the last.
    """
    facts = {name: life.case[name] for name in ("id", "kind", "status", "version", "rulebook", "region")}
    running = life.told.running if life.told else None
    engine = {
        "asked": life.told is not None,
        "workflow": None if running is None else "running" if running else "ended",
        "builds": life.told.builds if life.told else [],
    }
    waits = [asdict(one) for one in life.waits]
    return {**facts, **engine, "waits": waits, "story": [asdict(one) for one in story(life)]}


def _moves(life: Life, lane: Lane = Lane.MOVES) -> Iterator[Happening]:
    for one in life.moves:
        yield Happening(one.at, lane, life.name, one.event, one.actor, one.through, one.target)


def _beside(life: Life) -> Iterator[Happening]:
    return _moves(life, Lane.BESIDE)


def _deadlines(life: Life) -> Iterator[Happening]:
    for one in life.deadlines:
        timer = one.timer
        cancelled = None if timer.fired else timer.ended_at
        yield Happening(timer.armed_at, Lane.ARMED, life.name, one.event, due=timer.due_at, cancelled=cancelled)
        if timer.fired and timer.ended_at is not None:
            yield Happening(timer.ended_at, Lane.DEADLINES, life.name, one.event)


def _attempts(life: Life) -> Iterator[Happening]:
    for one in [*life.told.attempts, *life.told.trying] if life.told else []:
        yield Happening(one.at, Lane.ATTEMPTS, life.name, one.name, attempt=one.number, error=one.error)


def _looks(life: Life) -> Iterator[Happening]:
    for at in life.told.looks if life.told else []:
        yield Happening(at, Lane.LOOKS, life.name)
