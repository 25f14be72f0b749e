"""How does a table of moves decide? One `transitions` machine per table, made once, holding no state of its own."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from transitions import EventData, Machine, Transition

from states.law import BY_PEOPLE, REQUIREMENTS, Requirement, Who
from states.situation import Situation
from states.terms import Code, Kind, Outcome, RefusedError, Stage, Status

logging.getLogger("transitions").setLevel(logging.WARNING)

Condition = Callable[[Situation], bool]
_CODES = list(Code)


@dataclass(frozen=True)
class Row:
    """One move: on `event`, a case goes from `source` to `target` if `only_if` holds; `who` may make it.

    `does` names the effects that the commit carries out; `due` names the case's time at which the clock fires the
    row; `outcome` is what a closed case came to.
    """

    event: str
    source: Status
    target: Status
    who: Who
    only_if: tuple[Condition, ...] = ()
    does: tuple[str, ...] = ()
    due: str | None = None
    outcome: Outcome | None = None

    def applies(self, situation: Situation) -> bool:
        """Whether the row's conditions hold; not whether the actor may make the move."""
        return all(condition(situation) for condition in self.only_if)


@dataclass(frozen=True)
class Possible:
    """An event, and the refusal that an actor who sent it now would get; none where it is theirs to send."""

    event: str
    refusal: RefusedError | None = None

    @property
    def allowed(self) -> bool:
        return self.refusal is None


class _Step(Transition):
    """A transition that asks its row."""

    def __init__(self, *args: Any, row: Row, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.row = row
        self.conditions.append(self.condition_cls(self._applies))

    def _applies(self, event: EventData) -> bool:
        situation = event.model
        return isinstance(situation, Situation) and self.row.applies(situation)


class _Board(Machine):
    transition_cls = _Step


class Table:
    """A kind's rows, and the machine that executes them."""

    def __init__(self, kind: Kind, rows: Iterable[Row]) -> None:
        self.kind = kind
        self.rows = tuple(rows)
        self.statuses = tuple(s for s in Status if any(s in (r.source, r.target) for r in self.rows))
        self.events = tuple(dict.fromkeys(row.event for row in self.rows))
        opened = [row for row in self.rows if row.source is not Status.NEW]
        self.by_people = tuple(dict.fromkeys(row.event for row in opened if row.who in BY_PEOPLE))
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
        self._claimed = frozenset(r.event for r in self.rows if r.who in {Who.CLAIMER, Who.SENIOR_CLAIMER})

    def move(self, situation: Situation, event: str) -> Row:
        """Make the move: change the situation's status and give the row that decided.

        Raises:
            RefusedError: with the first of all reasons in the order of `Code`; the situation is as it was.
        """
        row = self.choose(situation, event)
        if not self._machine.events[event].trigger(situation):
            raise RefusedError(Code.ILLEGAL_MOVE, "not_now", kind=self.kind, move=event, status=situation.status.value)
        return row

    def choose(self, situation: Situation, event: str) -> Row:
        """Give the row that `event` would follow now, or refuse. Nothing is changed."""
        if not situation.standpoint.sees:
            raise RefusedError(Code.NOT_FOUND, "no_such_case")
        self._refuse_other_claims(situation, event)
        rows = [r for r in self.rows if r.event == event and r.source is situation.status and r.applies(situation)]
        if not rows:
            raise RefusedError(
                Code.ILLEGAL_MOVE, "not_now", kind=self.kind.value, move=event, status=situation.status.value
            )
        failed = [need for need in REQUIREMENTS[rows[0].who] if not need.holds(situation)]
        if failed:
            first = min(failed, key=_order)
            raise RefusedError(first.code, first.key, facts=_facts(first.code, situation))
        return rows[0]

    def possible(self, situation: Situation) -> list[Possible]:
        """Each event that people send: whether the situation's actor could send it now, and if not, why."""
        allowed = self.allowed(situation)
        return [
            Possible(event, None if event in allowed else self._refusal(situation, event)) for event in self.by_people
        ]

    def _refusal(self, situation: Situation, event: str) -> RefusedError | None:
        try:
            self.choose(situation, event)
        except RefusedError as refused:
            return refused
        return None

    def allowed(self, situation: Situation) -> list[str]:
        """The events that the situation's actor could send now, in the table's order."""
        events = dict.fromkeys(r.event for r in self.rows if r.source is situation.status and r.who in BY_PEOPLE)
        return [event for event in events if self._may(situation, event)]

    def follow_on(self, situation: Situation) -> Row | None:
        """The row that the engine itself makes now, if any."""
        return next((r for r in self._from(situation, Who.ENGINE) if r.applies(situation)), None)

    def next_due(self, situation: Situation) -> tuple[datetime, Row] | None:
        """The next deadline of the case and its row: the earliest of those whose conditions hold."""
        dues = [
            (at, row)
            for row in self._from(situation, Who.CLOCK)
            if row.due and (at := situation.dues.get(row.due)) is not None and row.applies(situation)
        ]
        return min(dues, key=lambda due: due[0]) if dues else None

    def _from(self, situation: Situation, who: Who) -> Iterable[Row]:
        return (row for row in self.rows if row.source is situation.status and row.who is who)

    def _may(self, situation: Situation, event: str) -> bool:
        if event in self._claimed and situation.claimed_by != situation.actor.id:
            return False
        rows = [r for r in self.rows if r.event == event and r.source is situation.status]
        return any(all(need.holds(situation) for need in REQUIREMENTS[row.who]) for row in rows)

    def _refuse_other_claims(self, situation: Situation, event: str) -> None:
        if situation.status.stage is not Stage.UNDER_REVIEW:
            return
        if event == "claim" and situation.claimed_by is not None:
            raise RefusedError(Code.ALREADY_CLAIMED, "already_claimed")
        if event in self._claimed and situation.claimed_by != situation.actor.id:
            raise RefusedError(Code.NOT_CLAIMED_BY_YOU, "not_claimed_by_you")


def _order(need: Requirement) -> int:
    return _CODES.index(need.code)


def _facts(code: Code, situation: Situation) -> dict[str, object]:
    """What the refused can go on with."""
    if code is Code.QUOTA_EXHAUSTED:
        return {"opens_at": situation.quota_opens.isoformat() if situation.quota_opens else None}
    if code is Code.APPEAL_EXPIRED and situation.window is not None and situation.window.ends_at is not None:
        return {"ended_at": situation.window.ends_at.isoformat()}
    return {}
