"""A court that is asked, before it decides, what it would do, and then must do that; and lives of cases before it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

import sqlalchemy as sa
from court import FIRST, SENIORS, Court, profile

from activities.command import Answer
from activities.move.foreseen import Foreseen
from states.terms import Kind
from store.schema.cases import cases
from store.schema.journal import journal, notices
from store.schema.scores import ledger, penalties

DECIDING = frozenset({"decide", "approve", "reject", "set_aside"})
SAM, SUE, SOL = SENIORS
CLAUSES = ("agency.poaching", "agency.multi_account", "content.vulgar", "content.gambling")
_LINE = ("subject", "scheme", "period", "case", "violation", "day", "reason", "price", "change", "balance")
_PENALTY = ("subject", "kind", "key", "case", "violation", "starts_at", "ends_at", "lifted_at")
_NOTICE = ("recipient", "case", "template", "values", "at")
_BOOKED = sa.select(ledger.c.number, *(ledger.c[name] for name in _LINE)).order_by(ledger.c.subject, ledger.c.number)
_BROUGHT = sa.select(penalties.c.id, *(penalties.c[name] for name in _PENALTY))
_SENT = sa.select(*(notices.c[name] for name in _NOTICE)).order_by(notices.c.id)
Told = dict[str, list[Any]]
Wish = tuple[str, str, str, dict[str, Any]]  # whose, about which case, to do what, and what is said with it


@dataclass(frozen=True)
class Foretelling(Court):
    """Each decision is previewed, and sent with the preview's basis; what it wrote is compared with what was said.

    `proposed`: what a verdict that waits for a second vote was said to do with it.
    """

    proposed: dict[str, list[Any]] = field(default_factory=dict)

    async def send(self, at: datetime, actor: str, case: str | Kind, event: str, *args: Any, **said: Any) -> Answer:
        if event not in DECIDING or args:
            return await super().send(at, actor, case, event, *args, **said)
        foretold = self.preview(at, actor, str(case), event, **said)
        if event == "approve":
            assert foretold.now.gist() == self.proposed[str(case)]
        if foretold.if_seconded is not None:
            self.proposed[str(case)] = foretold.if_seconded.gist()
        with self.written() as did:
            answer = await super().send(at, actor, case, event, foretold.basis, **said)
        assert answer.answer is not None, answer.refusal
        assert did == self.foretold(str(case), foretold.now)
        return answer

    def foretold(self, case: str, foreseen: Foreseen) -> Told:
        """What a preview says, as the rows that its commit writes."""
        lines = [
            (one.subject.id, one.scheme.key, one.period, self._report(case), line.item.violation, line.item.day,
             line.reason, line.item.wanted, line.change, line.balance)
            for one in sorted(foreseen.scores, key=lambda score: score.subject.id) for line in one.booked
        ]  # fmt: skip
        for one in foreseen.scores:
            assert [one.before, *(line.balance for line in one.booked)][-1] == one.points
        return {
            "lines": lines,
            "penalties": sorted(tuple(row[name] for name in _PENALTY) for row in foreseen.penalties),
            "notices": [tuple(notice[name] for name in _NOTICE) for notice in foreseen.notices],
            "moved": sorted((one.case, [*one.statuses], one.outcome) for one in foreseen.moved),
            "windows": [foreseen.window_ends_at] if foreseen.window_ends_at else [],
        }

    @contextmanager
    def written(self) -> Iterator[Told]:
        """What is written inside, once it is."""
        told: Told = {}
        with self.engine.begin() as connection:
            newest = connection.execute(sa.select(sa.func.max(journal.c.number))).scalar() or 0
            last = connection.execute(sa.select(sa.func.max(notices.c.id))).scalar() or 0
            booked = set(connection.execute(_BOOKED).all())
            brought = set(connection.execute(_BROUGHT).all())
        yield told
        with self.engine.begin() as connection:
            lines = [row for row in connection.execute(_BOOKED) if row not in booked]
            changed = [row for row in connection.execute(_BROUGHT) if row not in brought]
            sent = connection.execute(_SENT.where(notices.c.id > last)).all()
            query = sa.select(journal).where(journal.c.number > newest, journal.c.source != journal.c.target)
            moves = connection.execute(query.order_by(journal.c.case, journal.c.version)).all()
            ids = {row.case for row in moves}
            now = {row.id: row for row in connection.execute(sa.select(cases).where(cases.c.id.in_(ids)))}
        told["lines"] = [tuple(row)[1:] for row in lines]
        told["penalties"] = sorted(tuple(row)[1:] for row in changed)
        told["notices"] = [tuple(row) for row in sent]
        told["moved"] = [
            (case, [row.target for row in moves if row.case == case], now[case].outcome) for case in sorted(ids)
        ]
        told["windows"] = [row.window_ends_at for row in now.values() if row.status == "open"]

    def _report(self, case: str) -> str:
        with self.engine.begin() as connection:
            return connection.execute(sa.select(cases.c.of_case).where(cases.c.id == case)).scalar() or case


class Life:
    """An agency with two creators, and what happens to the reports against them, by chance."""

    def __init__(self, court: Court, die: Random) -> None:
        self.court, self.die = court, die
        self.now = FIRST + timedelta(days=30)
        creators = {name: profile("standard", die.randint(1, 3), 0, 0) for name in ("one", "two")}
        self.agency = court.agency("VN", creators)
        self.severity, self.seconded = "", False

    async def report(self) -> None:
        """A report is filed, perhaps appealed at once, decided; and then perhaps appealed, or set aside."""
        die, send = self.die, self.court.done
        self.now += timedelta(minutes=die.choice([1, 600, die.randint(0, 40_000)]))
        clause = die.choice(CLAUSES)
        against = self.agency if clause.startswith("agency") else f"{self.agency}.{die.choice(['one', 'two'])}"
        occurred = self.now - timedelta(minutes=die.randint(0, 60_000))
        case = await send(
            self.now, "platform", Kind.REPORT, "submit", clause=clause, against=against, occurred=occurred, details="x"
        )
        if die.random() < 0.3:
            appeal = await send(self.now, f"{self.agency}.owner", Kind.APPEAL, "submit", of=case, grounds="x")
        else:
            appeal = None
        found = await self.decide(case, SAM)
        if found != "violation":
            return
        self.now += timedelta(minutes=die.choice([0, die.randint(0, 20_000)]))
        if appeal is None and die.random() < 0.3:
            await send(self.now, SOL, case, "set_aside", reasons="x")
            if not self.seconded:
                await self.decide(case, SUE, "mild")
            return
        if appeal is None and die.random() < 0.6:
            appeal = await send(self.now, f"{self.agency}.owner", Kind.APPEAL, "submit", of=case, grounds="x")
        if appeal is not None:
            await self.answer(appeal)

    async def decide(self, case: str, by: str, *severities: str) -> str:
        """Claim and decide; where a second vote is needed, it is given or not."""
        die, send = self.die, self.court.done
        await send(self.now, by, case, "claim")
        said: dict[str, Any] = {"finding": "violation" if die.random() < 0.85 else "none"}
        if said["finding"] == "violation":
            said["severity"] = self.severity = die.choice(severities or ("mild", "moderate", "severe"))
        await send(self.now, by, case, "decide", reasons="x", **said)
        self.seconded = self.court.status(case) == "awaiting_approval"
        if not self.seconded:
            return str(said["finding"])
        if die.random() < 0.2:
            await send(self.now, SUE, case, "reject", reasons="x")
            return "rejected"
        self.now += timedelta(minutes=die.randint(0, 600))
        await send(self.now, SUE, case, "approve", reasons="x")
        return "violation"

    async def answer(self, appeal: str) -> None:
        """A senior without a part in the report decides the appeal."""
        outcomes = ["upheld", "overturned", *(["modified"] if self.severity != "mild" else [])]
        said = {"outcome": self.die.choice(outcomes)}
        if said["outcome"] == "modified":
            said["severity"] = "mild"
        await self.court.done(self.now, SOL, appeal, "claim")
        await self.court.done(self.now, SOL, appeal, "decide", reasons="x", **said)

    async def waiting(self) -> list[Wish]:
        """Leave a case wherever something is to be decided, and give who may wish what; the last one may not."""
        send, owner = self.court.done, f"{self.agency}.owner"
        for _ in range(3):
            await self.report()
        held = await self.claimed("agency.poaching", SAM)
        await send(self.now, owner, Kind.APPEAL, "submit", of=held, grounds="x")
        vulgar, gambling = await self.claimed("content.vulgar", SAM), await self.claimed("content.gambling", SAM)
        proposed, opened, appealed = [await self.claimed("agency.poaching", SUE) for _ in range(3)]
        violation = {"finding": "violation", "reasons": "x"}
        await send(self.now, SUE, proposed, "decide", severity="severe", **violation)
        await send(self.now, SUE, opened, "decide", severity="mild", **violation)
        await send(self.now, SUE, appealed, "decide", severity="moderate", **violation)
        appeal = await send(self.now, owner, Kind.APPEAL, "submit", of=appealed, grounds="x")
        await send(self.now, SOL, appeal, "claim")
        return [
            (SAM, held, "decide", violation | {"severity": "mild"}),
            (SAM, held, "decide", violation | {"severity": "severe"}),
            (SAM, held, "decide", {"finding": "none", "reasons": "x"}),
            (SAM, vulgar, "decide", violation | {"severity": "moderate"}),
            (SAM, gambling, "decide", violation | {"severity": "severe"}),
            (SAM, proposed, "approve", {"reasons": "x"}),
            (SOL, proposed, "reject", {"reasons": "x"}),
            (SOL, opened, "set_aside", {"reasons": "x"}),
            (SOL, appeal, "decide", {"outcome": "upheld", "reasons": "x"}),
            (SOL, appeal, "decide", {"outcome": "overturned", "reasons": "x"}),
            (SOL, appeal, "decide", {"outcome": "modified", "severity": "mild", "reasons": "x"}),
            (SUE, proposed, "approve", {"reasons": "x"}),
        ]

    async def claimed(self, clause: str, by: str) -> str:
        """A report, which somebody has claimed."""
        against = self.agency if clause.startswith("agency") else f"{self.agency}.one"
        said = {"clause": clause, "against": against, "occurred": self.now, "details": "x"}
        case = await self.court.done(self.now, "platform", Kind.REPORT, "submit", **said)
        return await self.court.done(self.now, by, case, "claim")
