"""Plays the demo's scenario (`year.yaml`), and reads its scores, penalties and one case's timeline afterwards."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from activities.restrictions import restricted
from activities.score.points import Score
from desk.drawing.chart import Span
from desk.reading.dossier import Dossiers
from desk.reading.redaction import Entry
from desk.reading.subject import Sheets
from desk.rehearsal.direct import direct
from ops.rehearsal.script.reader import read
from ops.rehearsal.script.scenario import Scenario
from ops.rehearsal.script.step import Step
from ops.rehearsal.stage.books import book_of
from ops.rehearsal.stage.inquiry import Inquiry
from ops.rehearsal.stage.player import Result
from ops.rehearsal.stage.rehearsal import Played, Stage, prove, stage
from ops.rehearsal.stage.servers import Servers
from rulebook.policy import Policy
from states.terms import RefusedError
from store import audit
from store.schema.scores import penalties
from store.schema.verdicts import violations

AGENCY, CREATOR, AUDITOR = "lotus", "kim", "ada"
# The appeal first: of two moves in the same instant, the appeal's caused the report's.
TOLD = ("a1", "r1")
Watch = Callable[[Step, datetime], None]


@dataclass(frozen=True)
class Account:
    """A score as it is at the end, and the lines of its ledger, oldest first."""

    score: Score
    lines: list[dict[str, Any]]


@dataclass
class Year:
    """The result of the demo's scenario. `names` has the scenario's own ids by case id."""

    policy: Policy
    played: Played
    names: dict[str, str] = field(default_factory=dict)
    accounts: list[Account] = field(default_factory=list)
    penalties: list[sa.RowMapping] = field(default_factory=list)
    violations: dict[str, sa.RowMapping] = field(default_factory=dict)
    timeline: list[tuple[str, Entry]] = field(default_factory=list)
    roles: dict[str, str] = field(default_factory=dict)

    @property
    def ended(self) -> datetime:
        """The last time that the scenario states."""
        scenario = self.played.scenario
        return next((step.at for step in reversed(scenario.steps) if step.at is not None), scenario.start)

    @property
    def faults(self) -> Iterator[str]:
        """Each expectation that failed, and what differed at the end."""
        for told in self.played.steps:
            for found in told.differences:
                yield f"step {told.step.number}: {found}"
        yield from self.played.faults

    def restricted(self, subject: str) -> dict[str, list[Span]]:
        """By restriction, the times at which the subject was under it."""
        found: dict[str, list[Span]] = {}
        for row in self.penalties:
            ends = [end for end in (row["ends_at"], row["lifted_at"]) if end is not None]
            if row["subject"] == subject and ends:
                for restriction in sorted(restricted(row, self.policy)):
                    found.setdefault(restriction, []).append((row["starts_at"], min(ends)))
        return found


def script() -> Scenario:
    """The scenario of the year, read from `year.yaml`."""
    return read(Path(__file__).with_name("year.yaml"))


async def play(servers: Servers, scenario: Scenario, watch: Watch) -> Year:
    """Play the year; `watch` is called with each step when its time has come. A year with faults has only those."""
    region = scenario.cast.agencies[AGENCY].region
    year = Year(book_of(scenario).policy(region), Played(scenario))
    async with stage(servers, scenario, direct) as place:
        try:
            for step in scenario.steps:
                year.played.steps.append(await _step(place, step, watch))
        except TimeoutError:
            year.played.faults.append(f"step {len(year.played.steps) + 1}: what is due did not happen")
            return year
        await prove(place, year.played)
        if year.played.passed:
            _remember(place, year)
    return year


async def _step(place: Stage, step: Step, watch: Watch) -> Result:
    now = place.story.now
    return await place.player.play(step, started=lambda: watch(step, now()))


def _remember(place: Stage, year: Year) -> None:
    """Read what is shown from the database, which is dropped with the stage."""
    inquiry, sheets = Inquiry(place.engine, place.story.now), Sheets(place.engine, place.story.now)
    auditor = inquiry.actor(AUDITOR)
    year.names = {case: name for name, case in place.player.names.items()}
    for subject, period in _scores(year):
        found = sheets.ledger(auditor, subject, period)
        year.accounts.append(Account(found.score, found.lines[::-1]))
    with place.engine.connect() as connection:
        year.penalties = audit.everything(connection, audit.whole(penalties))
        year.violations = {row["id"]: row for row in audit.everything(connection, audit.whole(violations))}
    dossiers = Dossiers(place.engine, place.story.now)
    for name in TOLD:
        opened = dossiers.open(auditor, place.player.names[name])
        year.timeline += [(name, entry) for entry in opened.timeline]
    year.timeline.sort(key=lambda told: told[1].at)
    for actor in {entry.actor for _, entry in year.timeline}:
        year.roles[actor] = _role(inquiry, actor)


def _scores(year: Year) -> list[tuple[str, str | None]]:
    """The agency's score of each year, and the creator's."""
    years = range(year.played.scenario.start.year, year.ended.year + 1)
    return [*((AGENCY, f"{one}") for one in years), (CREATOR, None)]


def _role(inquiry: Inquiry, actor: str) -> str:
    try:
        return inquiry.actor(actor).role
    except RefusedError:
        return ""
