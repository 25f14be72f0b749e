"""What is asked of a past time is what was read at that time: cases, scores and penalties of random stories."""

from collections.abc import AsyncIterator
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from chance import DEPTH, dice
from court import SENIORS, Court, court
from hypothesis import HealthCheck, Phase, given, settings
from story import PAIR, Story

from activities.command import Request
from desk.reading.subject import Sheet, Sheets
from ops.past import was
from ops.rehearsal.stage.servers import servers
from states.tables import TABLES
from states.terms import Kind
from store import case as cases
from store.case import Case
from store.schema.cases import cases as rows
from workers.settings import Settings

few = settings(
    max_examples=2 * DEPTH,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
PLATFORM, STEPS = "platform", 40
WORDS = {"ask": "question", "summarise": "text", "note": "text", "answer": "text"}
SELDOM = frozenset({"withdraw", "note", "renew", "summarise"})


class Life(Story):
    """A story in which everybody makes any move of any case, as its table lets them; deadlines pass in time."""

    def __init__(self, sitting: Court) -> None:
        super().__init__(sitting, "VN", freeze=False)
        self.kept: dict[datetime, tuple[dict[str, Case], dict[str, Sheet]]] = {}

    async def step(self, die: Random) -> None:
        self.now += timedelta(minutes=die.choice([1, 1, 2, 2, 3, 5, 20, 40, 1440 * die.randint(0, 9)]))
        await self.keep_time()
        found = [one for one in self.cases_now().values() if one.outcome is None or die.random() < 0.1]
        if die.random() < 0.1:
            self.stream(die.choice(PAIR), die.randint(1, 9), 2.0)
        elif len(found) < 3 and die.random() < 0.5:
            await self.report(die)
        elif found:
            await self.move(die.choice(found), die)
        self.kept[self.now] = self.cases_now(), self.sheets()

    async def keep_time(self) -> None:
        """Let each case have its deadlines, each at its time, as its workflow would."""
        while due := sorted((one.deadline_at, one.id) for one in self.cases_now().values() if one.deadline_at):
            at, case = due[0]
            if at > self.now:
                return
            await self.court.commit.commit(Request(case=case, at=at))

    async def report(self, die: Random) -> None:
        creator = die.choice([None, None, *PAIR])
        about = {"clause": "content.gambling", "against": f"{self.agency}.{creator}"}
        said = about if creator else {"clause": "agency.poaching", "against": self.agency}
        occurred = max(self.past(die), self.now - timedelta(days=20))
        await self.court.send(self.now, PLATFORM, Kind.REPORT, "submit", **said, occurred=occurred, details="x")

    async def move(self, one: Case, die: Random) -> None:
        """Try a move; what the table refuses changes nothing."""
        owner = f"{self.agency}.owner"
        if one.kind is Kind.REPORT and die.random() < (0.6 if one.status == "open" else 0.03):
            await self.court.send(self.now, owner, Kind.APPEAL, "submit", of=one.id, grounds="x")
            return
        if one.outcome is not None:
            about: dict[str, Any] = {
                "clause": one.clause,
                "against": one.respondent,
                "occurred": one.occurred_at,
                "again": one.id,
            }
            await self.court.send(self.now, "sue", Kind.REPORT, "submit", **about, details="x")
            return
        table = TABLES[one.kind]
        events = {row.event for row in table.rows if row.source is one.status} & set(table.by_people)
        events = {event for event in events if event not in SELDOM or die.random() < 0.2}
        event = die.choice(sorted(events) or ["note"])
        event = "decide" if "decide" in events and die.random() < 0.5 else event
        asked = {"reporter": PLATFORM, "respondent": owner}.get(one.asked or "", PLATFORM)
        others = [name for name in SENIORS if name not in {*one.barred, *one.deciders}]
        actor = {"answer": asked, "withdraw": PLATFORM}.get(event) or one.claimed_by or die.choice(others or SENIORS)
        await self.court.send(self.now, actor, one.id, event, **self.said(one, event, die))

    @staticmethod
    def said(one: Case, event: str, die: Random) -> dict[str, Any]:
        if event == "decide" and one.kind is Kind.APPEAL:
            outcome = die.choice(["upheld", "overturned", "modified", "modified"])
            return {"outcome": outcome, "reasons": "x"} | ({"severity": "mild"} if outcome == "modified" else {})
        if event == "decide":
            finding = die.choice(["violation", "violation", "violation", "none"])
            severity = {"severity": die.choice(["mild", "severe"])} if finding == "violation" else {}
            return {"finding": finding, **severity, "reasons": "x"}
        to = {"to": die.choice(["reporter", "respondent"])} if event == "ask" and one.kind is Kind.REPORT else {}
        return {} if event in {"claim", "renew", "withdraw"} else {WORDS.get(event, "reasons"): "x", **to}

    def cases_now(self) -> dict[str, Case]:
        with self.court.engine.connect() as connection:
            mine = sa.select(rows.c.id).where(sa.or_(rows.c.agency == self.agency, rows.c.subject == self.agency))
            found = cases.several(connection, list(connection.execute(mine).scalars()))
        by_filing = sorted(found, key=lambda one: (one.filed_at, one.kind, one.clause))
        return {one.id: replace(one, stirred=False) for one in by_filing}

    def sheets(self, at: datetime | None = None) -> dict[str, Sheet]:
        sheets = Sheets(self.court.engine, lambda: self.now, self.court.rulebooks)
        names = [self.agency, *(f"{self.agency}.{name}" for name in PAIR)]
        return {name: sheets.show(None, name, at=at) for name in names}


@pytest.fixture(scope="module")
async def sitting() -> AsyncIterator[Court]:
    async with servers(Settings()) as running, court(running) as made:
        yield made


@given(die=dice)
@few
async def test_every_time_of_a_story_is_told_afterwards_as_it_was_read_then(sitting: Court, die: Random) -> None:
    life = Life(sitting)
    life.begin()
    for _ in range(STEPS):
        await life.step(die)
    every = [one.name for one in fields(Case)]
    for at, (then, sheets) in life.kept.items():
        with sitting.engine.connect() as connection:
            told = [was(connection, sitting.rulebooks, name, at) for name in life.cases_now()]
        cases_then = [one.case for one in told if one is not None]
        assert {one.id: Case(**{name: getattr(one, name) for name in every}) for one in cases_then} == then
        assert all(one.sealed for one in told if one is not None)
        assert life.sheets(at) == sheets


async def test_a_row_that_somebody_altered_is_told_and_not_vouched_for(sitting: Court) -> None:
    agency, at = sitting.agency("VN", {}), datetime(2026, 10, 5, 9, tzinfo=UTC)
    said = {"clause": "agency.poaching", "against": agency, "occurred": at, "details": "x"}
    case = await sitting.done(at, PLATFORM, Kind.REPORT, "submit", **said)
    with sitting.engine.begin() as connection:
        assert was(connection, sitting.rulebooks, case, at - timedelta(seconds=1)) is None
        before = was(connection, sitting.rulebooks, case, at)
        connection.execute(sa.update(rows).where(rows.c.id == case).values(clause="agency.other"))
        after = was(connection, sitting.rulebooks, case, at)
        connection.rollback()
    assert (before.sealed if before else None, after.sealed if after else None) == (True, False)
