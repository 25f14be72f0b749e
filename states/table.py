"""How does a table of moves decide? One `transitions` machine per table, made once, holding no state of its own.

A table knows nothing of what it moves: its statuses, who makes a move, and what is refused come with the rows and the
law that it is made of (`states/report.py`, `states/law.py`).
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar

from transitions import EventData, Machine, Transition

from states.terms import Code, RefusedError

logging.getLogger("transitions").setLevel(logging.WARNING)

_CODES = list(Code)


class Moved(Protocol):
    """What a machine moves: only `status` ever changes, and only by the machine. `dues` are its deadlines, by name."""

    status: Any
    dues: dict[str, datetime | None]


S = TypeVar("S", bound=StrEnum)
E = TypeVar("E", bound=StrEnum)
M = TypeVar("M", bound=Moved)


@dataclass(frozen=True)
class Row(Generic[S, E, M]):
    """One move: on `event` it goes from `source` to `target` if `only_if` holds; `who` may make it.

    `does` names the effects that the commit carries out; `due` names the time at which the clock fires the row;
    `outcome` is what it came to, where that is the end. A `grave` move asks for a fresh second factor.
    """

    event: str
    source: S
    target: S
    who: StrEnum
    only_if: tuple[Callable[[M], bool], ...] = ()
    does: tuple[str, ...] = ()
    due: str | None = None
    outcome: E | None = None
    grave: bool = False

    @property
    def stays(self) -> bool:
        """Whether what is moved stays where it is: something is noted or set anew, and no status changes."""
        return self.source is self.target

    def applies(self, model: M) -> bool:
        """Whether the row's conditions hold; not whether the actor may make the move."""
        return all(condition(model) for condition in self.only_if)


@dataclass(frozen=True)
class Requirement(Generic[M]):
    """`holds` says whether the model satisfies it; otherwise the command is refused with `code` and the key's sentence.

    `facts` are returned with the refusal for the sender's next step, such as when the quota opens again.
    """

    code: Code
    key: str
    holds: Callable[[M], bool]
    facts: Callable[[M], dict[str, object]] = lambda _: {}


@dataclass(frozen=True)
class Law(Generic[M]):
    """Who may make the moves of a table, and with which code is anybody else refused?

    `requirements` are those of each `who`; `people` are the `who` who send commands, `clock` and `engine` those that
    don't. `first` may refuse before any row is looked at: it is given the model, the event, and all who may send it.
    """

    requirements: Mapping[Any, tuple[Requirement[M], ...]]
    people: frozenset[Any]
    clock: StrEnum
    engine: StrEnum
    first: Callable[[M, str, frozenset[Any]], RefusedError | None]


@dataclass(frozen=True)
class Possible:
    """An event, and the refusal that an actor who sent it now would get; none where it is theirs to send."""

    event: str
    refusal: RefusedError | None = None

    @property
    def allowed(self) -> bool:
        return self.refusal is None


class _Step(Transition):
    """A transition whose condition is that its row applies."""

    def __init__(self, *args: Any, row: Row[Any, Any, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.row = row
        self.conditions.append(self.condition_cls(self._applies))

    def _applies(self, event: EventData) -> bool:
        return self.row.applies(event.model)


class _Board(Machine):
    transition_cls = _Step


class Table(Generic[S, E, M]):
    """The moves of one kind of thing, which begins in the status `new`, and the machine that executes them."""

    def __init__(self, kind: str, new: S, law: Law[M], rows: Iterable[Row[S, E, M]]) -> None:
        self.kind = kind
        self.new = new
        self.rows = tuple(rows)
        self.statuses: tuple[S, ...] = tuple(
            one for one in type(new) if any(one in (row.source, row.target) for row in self.rows)
        )
        self.events = tuple(dict.fromkeys(row.event for row in self.rows))
        opened = [row for row in self.rows if row.source is not new]
        self.by_people = tuple(dict.fromkeys(row.event for row in opened if row.who in law.people))
        self.law = law
        self._senders = {event: frozenset(r.who for r in self.rows if r.event == event) for event in self.events}
        self._machine = _Board(
            model=None,
            states=list(self.statuses),
            initial=None,
            auto_transitions=False,
            send_event=True,
            model_attribute="status",
        )
        for row in self.rows:
            self._machine.add_transition(row.event, row.source, row.target, row=row)

    def move(self, model: M, event: str) -> Row[S, E, M]:
        """Make the move: change the model's status and give the row that decided.

        Raises:
            RefusedError: with the first of all reasons in the order of `Code`; the model is as it was.
        """
        row = self.choose(model, event)
        if not self._machine.events[event].trigger(model):
            raise self._not_now(model, event)
        return row

    def choose(self, model: M, event: str) -> Row[S, E, M]:
        """Give the row that `event` would follow now, or refuse. Nothing is changed."""
        refused = self.law.first(model, event, self._senders.get(event, frozenset()))
        if refused is not None:
            raise refused
        rows = [r for r in self.rows if r.event == event and r.source is model.status and r.applies(model)]
        if not rows:
            raise self._not_now(model, event)
        failed = [need for need in self.law.requirements[rows[0].who] if not need.holds(model)]
        if failed:
            first = min(failed, key=_order)
            raise RefusedError(first.code, first.key, facts=first.facts(model))
        return rows[0]

    def possible(self, model: M) -> list[Possible]:
        """Each event that people send: whether the model's actor could send it now, and if not, why."""
        allowed = self.allowed(model)
        return [Possible(event, None if event in allowed else self.refusal(model, event)) for event in self.by_people]

    def refusal(self, model: M, event: str) -> RefusedError | None:
        """Why the event can't be sent now, if it can't; of one that needs an input, as the model has it."""
        try:
            self.choose(model, event)
        except RefusedError as refused:
            return refused
        return None

    def allowed(self, model: M) -> list[str]:
        """The events that the model's actor could send now, in the table's order."""
        sent = (r.event for r in self.rows if r.source is model.status and r.who in self.law.people)
        return [event for event in dict.fromkeys(sent) if self._may(model, event)]

    def may_be_grave(self, event: str) -> bool:
        """Whether the event is grave in some of its rows."""
        return any(row.grave for row in self.rows if row.event == event)

    def follow_on(self, model: M) -> Row[S, E, M] | None:
        """The row that the engine itself makes now, if any."""
        return next((row for row in self._from(model, self.law.engine) if row.applies(model)), None)

    def next_due(self, model: M) -> tuple[datetime, Row[S, E, M]] | None:
        """The next deadline and its row: the earliest of those whose conditions hold."""
        dues = [
            (at, row)
            for row in self._from(model, self.law.clock)
            if row.due and (at := model.dues.get(row.due)) is not None and row.applies(model)
        ]
        return min(dues, key=lambda due: due[0]) if dues else None

    def _from(self, model: M, who: StrEnum) -> Iterable[Row[S, E, M]]:
        return (row for row in self.rows if row.source is model.status and row.who is who)

    def _may(self, model: M, event: str) -> bool:
        if self.law.first(model, event, self._senders[event]) is not None:
            return False
        rows = [row for row in self.rows if row.event == event and row.source is model.status]
        return any(all(need.holds(model) for need in self.law.requirements[row.who]) for row in rows)

    def _not_now(self, model: M, event: str) -> RefusedError:
        status = f"{model.status}"
        return RefusedError(Code.ILLEGAL_MOVE, "not_now", kind=str(self.kind), move=event, status=status)


def _order(need: Requirement[Any]) -> int:
    return _CODES.index(need.code)
