"""What does a rescoring write in a score's ledger? A line for each act that costs something else, and its balance."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import Connection

from activities.score.pricing import Change, Counted, Item, Weighed
from rulebook.score import balances
from store import ledger, verdict

# Why a score is counted again when the platform feeds another class of a creator.
RECLASSED = "class_changed"
# Why it is when the wave of a version reaches the subject, or releases it.
VERSION = "version_in_force"
# Why another act's price changes.
REPRICED = "repriced"


class Booked(NamedTuple):
    """A ledger line that a rescoring wrote: of which act, why, what it did to the score, and the score after it."""

    item: Item
    reason: str
    change: int
    balance: int


@dataclass
class Lines:
    """The lines that a change adds to a score, which was `before` and is at `balance` now; `told` are those of acts."""

    score: ledger.Key
    number: int
    before: int
    balance: int
    change: Change
    counted_before: bool
    written: list[dict[str, Any]] = field(default_factory=list)
    told: list[Booked] = field(default_factory=list)

    @classmethod
    def after(cls, connection: Connection, score: ledger.Key, change: Change, counts: Counted) -> "Lines":
        """None yet, after those that the score has; one without any is at its start."""
        number, booked = ledger.last(connection, *score)
        before = (change.former or counts).start if booked is None else booked
        return cls(score, number, before, before, change, booked is not None)

    def count_from(self, counts: Counted, weighed: Weighed) -> None:
        """Let the same acts lead where they do by another start and cap, or where no score was counted meanwhile."""
        if self.change.former is None and not (self.change.reason == VERSION and self.counted_before):
            return
        balance = (counts.start, *balances(*counts, weighed.booked))[-1]
        if self.change.former is not None or balance != self.before:
            self._add(balance, reason=self.change.reason, rule=f"{self.score[1]}.bounds", price=0)

    def book(self, item: Item, balance: int) -> None:
        """Book what an act costs now."""
        reason = self._reason(item)
        self.told.append(Booked(item, reason, balance - self.balance, balance))
        self._add(
            balance,
            reason=reason,
            rule=f"{self.score[1]}.{'recovery' if item.day else 'pricing'}",
            case=self.change.case,
            violation=item.violation,
            day=item.day,
            severity=item.act.severity if item.violation else None,
            price=item.wanted,
        )

    def write(self, connection: Connection) -> None:
        """Write the lines, and with each violation what it costs now."""
        ledger.append(connection, self.written)
        verdict.reprice(connection, {line["violation"]: line["price"] for line in self.written if line["violation"]})

    def _add(self, balance: int, **values: Any) -> None:
        self.number += 1
        of_line = {"change": balance - self.balance, "balance": balance} | values
        self.written.append(ledger.line(self.score, self.number, self.change.at, **of_line))
        self.balance = balance

    def _reason(self, item: Item) -> str:
        if item.day is not None:
            return "recovered" if item.wanted else "recovery_lost"
        return self.change.reason if item.violation == self.change.violation else REPRICED
