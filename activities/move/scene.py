"""What does one commit hold in its hands? Its transaction, the cases that it locked, and what it will write."""

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from activities.command import Command
from activities.move import recipients
from activities.move.input import Input
from activities.move.situation import situate
from activities.rulebooks import Rulebooks
from rulebook.policy import Policy
from states.situation import CLOCK, ENGINE, NO_WISH, Actor, Situation, Wish
from states.table import Row
from states.tables import TABLES
from states.terms import Side, Status
from store import case as cases
from store import journal, party, quota
from store.case import Case
from store.party import Subject
from store.verdict import Verdict

_MOST_MOVES = 100


@dataclass
class Move:
    """One move being made. `said` is what its command brought; `facts` go into the journal."""

    row: Row
    at: datetime
    actor: Actor
    policy: Policy
    command: Command | None = None
    said: Input | None = None
    wish: Wish = NO_WISH
    facts: dict[str, Any] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """The id of a text that the command brought."""
        if self.command is None:
            raise LookupError(f"{self.row.event} brings no text {name}")
        return self.command.texts[name]


Effect = Callable[["Scene", Case, Move], None]


class Scene:
    """One transaction's work. Cases are locked when opened: an appeal's report before the appeal."""

    def __init__(
        self,
        connection: Connection,
        at: datetime,
        rulebooks: Rulebooks,
        effects: Mapping[str, Effect],
        *,
        locks: bool = True,
    ) -> None:
        self.connection = connection
        self.at = at
        self.rulebooks = rulebooks
        self.locks = locks
        self.told: list[dict[str, Any]] = []
        self.charged: set[str] = set()
        self.verdicts: dict[str, Verdict | None] = {}
        self._effects = effects
        self._cases: dict[str, Case] = {}
        self._before: dict[str, Case] = {}
        self._lines: list[dict[str, Any]] = []
        self._subjects: dict[str, Subject] = {}
        self._slots: dict[tuple[str, str], set[int]] = {}

    def open(self, case_id: str) -> Case | None:
        """Lock and give a case; once opened it stays the same object until the commit."""
        if case_id not in self._cases:
            for found in self._load(case_id):
                if found.id not in self._cases:
                    self._cases[found.id] = found
                    self._before[found.id] = copy(found)
        return self._cases.get(case_id)

    def _load(self, case_id: str) -> list[Case]:
        if self.locks:
            return cases.lock(self.connection, case_id)
        found = cases.read(self.connection, case_id)
        return [found] if found else []

    def require(self, case_id: str) -> Case:
        """Lock and give a case that is known to exist."""
        found = self.open(case_id)
        if found is None:
            raise LookupError(f"case {case_id} is gone")
        return found

    def subjects(self, *ids: str) -> dict[str, Subject]:
        """Lock and give subjects that are known to exist."""
        if missing := set(ids) - self._subjects.keys():
            found = party.lock(self.connection, missing) if self.locks else party.read(self.connection, missing)
            self._subjects |= {subject.id: subject for subject in found}
        return {subject_id: self._subjects[subject_id] for subject_id in ids}

    def slots(self, agency: str, month: str) -> set[int]:
        """The slots of the month that the agency, which must be locked, had in use when they were first asked for."""
        if (agency, month) not in self._slots:
            self._slots[agency, month] = quota.taken(self.connection, agency, month)
        return self._slots[agency, month]

    def introduce(self, case: Case) -> None:
        """Bring in a case that has no row yet."""
        self._cases[case.id] = case

    def policy(self, case: Case) -> Policy:
        """The rules that the case is judged by."""
        return self.rulebooks.policy(self.connection, case.rulebook, case.region)

    def policy_of(self, agency: str, rulebook: str) -> Policy:
        """A rulebook's rules for an agency, which is locked: what it bears itself is judged by its own region."""
        return self.rulebooks.policy(self.connection, rulebook, self.subjects(agency)[agency].region)

    def policy_now(self, agency: str) -> Policy:
        """The rules that are in force for an agency, which is locked, now: its quota is not its report's."""
        return self.rulebooks.in_force(self.connection, self.subjects(agency)[agency].region, self.at)[1]

    def move(
        self,
        case: Case,
        event: str,
        actor: Actor = ENGINE,
        *,
        at: datetime | None = None,
        after: Move | None = None,
    ) -> None:
        """Make a move of the product's own, at a time, or at once `after` another and with what that one brought."""
        when = max(at or self.at, case.moved_at)
        situation = self._situation(case, when)
        situation.actor = actor
        if after is None:
            self.carry_out(case, event, situation)
        else:
            situation.wish = after.wish
            self.carry_out(case, event, situation, after.command, after.said)

    def carry_out(
        self,
        case: Case,
        event: str,
        situation: Situation,
        command: Command | None = None,
        said: Input | None = None,
    ) -> None:
        """Make a move and all that follows from it at once.

        Raises:
            RefusedError: the table refuses; the transaction must be rolled back.
        """
        at = max(situation.now or self.at, case.moved_at)
        row = TABLES[case.kind].move(situation, event)
        move = Move(row, at, situation.actor, self.policy(case), command, said, situation.wish)
        case.status, case.outcome, case.moved_at = row.target, row.outcome, at
        case.version += 1
        line = self._line(case, move)
        for name in row.does:
            self._effects[name](self, case, move)
        line["facts"] = move.facts
        self._follow_on(case, move)

    def lapse(self, case: Case) -> None:
        """Let pass what is due, each move at its own time."""
        for _ in range(_MOST_MOVES):
            due = TABLES[case.kind].next_due(self._situation(case, self.at))
            if due is None or due[0] > self.at:
                return
            self.move(case, due[1].event, CLOCK, at=due[0])

    def settle(self, own: str) -> None:
        """Let pass what is due by now, and write the cases; others that changed are marked: they must look."""
        for case in list(self._cases.values()):
            self.lapse(case)
        moved = dict.fromkeys(line["case"] for line in self._lines)
        for case in self._cases.values():
            due = TABLES[case.kind].next_due(self._situation(case, self.at))
            case.deadline_at = due[0] if due else None
            case.stirred = case.id != own and (case.stirred or case.id in moved)
            cases.save(self.connection, case, self._before.get(case.id))

    def write_journal(self) -> None:
        """Write notices, and last the journal: it takes the digests of everything that was written."""
        journal.notify(self.connection, self.told)
        if self._lines:
            journal.append(self.connection, self._lines)

    @property
    def moved(self) -> list[tuple[Case, list[Status]]]:
        """The cases that moved, in their order, and the statuses that each came to on its way."""
        found: dict[str, list[Status]] = {}
        for line in self._lines:
            found.setdefault(line["case"], []).append(Status(line["target"]))
        return [(self._cases[case], statuses) for case, statuses in found.items()]

    @property
    def stirred(self) -> list[str]:
        """The other cases that moved and must look."""
        return [case.id for case in self._cases.values() if case.stirred]

    def notify(self, case: Case, side: Side, template: str, at: datetime, **values: object) -> None:
        """Tell a side of the case: a template's key and its values, stored with the commit."""
        readers = recipients.of_score(self.connection, case, self.at) if "score" in values else []
        for recipient in recipients.of_side(case, side):
            hidden = {"score": None} if "score" in values and recipient not in readers else {}
            self.tell(recipient, case, template, at, **values | hidden)

    def tell(self, recipient: str, case: Case, template: str, at: datetime, **values: object) -> None:
        """Tell one of those whom the case concerns."""
        plain = {k: v.isoformat() if isinstance(v, datetime) else v for k, v in values.items()}
        told = {"recipient": recipient, "case": case.id, "template": template, "values": plain, "at": at}
        self.told.append(told)

    def _follow_on(self, case: Case, after: Move) -> None:
        situation = self._situation(case, after.at)
        situation.wish = after.wish
        row = TABLES[case.kind].follow_on(situation)
        if row is not None:
            self.move(case, row.event, at=after.at, after=after)

    def _situation(self, case: Case, at: datetime) -> Situation:
        return situate(case, self._report(case), self.policy(case), at)

    def _report(self, case: Case) -> Case | None:
        return self.open(case.of_case) if case.of_case else None

    def _line(self, case: Case, move: Move) -> dict[str, Any]:
        line: dict[str, Any] = {
            "case": case.id,
            "version": case.version,
            "at": move.at,
            "event": move.row.event,
            "actor": move.actor.id,
            "source": move.row.source.value if move.row.source is not Status.NEW else "new",
            "target": move.row.target.value,
            "command": move.command.id if move.command else None,
            "facts": {},
        }
        self._lines.append(line)
        return line
