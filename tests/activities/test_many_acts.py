"""A score of thousands of acts: priced as the rulebook says, booked line by line, in as many statements as one of few."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from conftest import agency, creator, person
from folding import in_order
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, event

from activities.rulebooks import Rulebooks
from activities.score.pricing import Change, Weighed, weigh
from activities.score.rescore import rescore
from activities.timeline import Timeline
from rulebook import recovery
from rulebook.calendar import day_bounds, local_day
from rulebook.load import load
from rulebook.scheme import ScoreScheme
from rulebook.score import Act, balances, price
from rulebook.terms import CreatorClass, OnOverturn, Severity, SubjectKind
from states.terms import Finding, Kind, Outcome, Role, Side, Status
from store import feed, ledger, party, text, verdict
from store.penalty import Changes
from store.schema.cases import cases
from store.schema.verdicts import Validity, verdicts, violations
from workers.reach import House

FIRST, NOW = datetime(2026, 1, 3, 6, tzinfo=UTC), datetime(2026, 11, 1, 6, tzinfo=UTC)
PRICES = st.lists(st.tuples(st.integers(-5, 12), st.integers(-5, 12)), max_size=60)


@given(PRICES, st.integers(0, 20))
def test_at_each_change_those_before_it_have_changed_and_those_behind_have_not(
    prices: list[tuple[int, int]], start: int
) -> None:
    booked, wanted = [old for old, _ in prices], [new for _, new in prices]
    acts = [Act(str(n), FIRST, n) for n in range(len(prices))]
    weighed = Weighed(acts, [act.id for act in acts], [FIRST] * len(acts), booked, wanted, [True] * len(acts))
    expected = [
        (str(n), balances(start, 0, 20, wanted[: n + 1] + booked[n + 1 :])[-1])
        for n, (old, new) in enumerate(prices)
        if old != new
    ]
    assert [(item.act.id, after) for item, after in weighed.changes(start, 0, 20)] == expected


class Docket:
    """Violations of one subject, as many as one likes, in a transaction that is rolled back."""

    def __init__(self, connection: Connection, subject: str, kind: SubjectKind, sam: str) -> None:
        found = party.subject(connection, subject)
        assert found is not None
        self.connection, self.subject, self.sam = connection, found, sam
        self.timeline = Rulebooks().timeline(connection)
        self.digest, self.rules = self.timeline.governing(found, NOW)
        self.scheme: ScoreScheme = self.rules.must_count(kind)
        self.period = "life" if kind is SubjectKind.CREATOR else "2026"
        self.case = f"{subject}.case"

    def charge(self, acts: list[Act], booked: list[int]) -> None:
        """Write the violations with the prices booked for them; a fixed price of an act is not written."""
        values = {"clause": "agency.poaching", "decided_by": self.sam, "reasons": text.text_id(b"x", "x", "x", "x")}
        text.write(self.connection, {values["reasons"]: "x"})
        if not self.connection.execute(sa.select(cases.c.id).where(cases.c.id == self.case)).all():
            self.connection.execute(sa.insert(cases), self._row(values["reasons"]))
        rows = [
            {
                "id": act.id,
                "case": self.case,
                "number": act.order,
                "standing": Validity.IN_FORCE,
                "finding": Finding.VIOLATION,
                "severity": act.severity,
                "extra": act.extra,
                "decided_at": NOW,
            }
            | values
            for act in acts
        ]
        self.connection.execute(sa.insert(verdicts), rows)
        self.connection.execute(
            sa.insert(violations),
            [
                {
                    "id": act.id,
                    "case": self.case,
                    "subject": self.subject.id,
                    "scheme": self.scheme.key,
                    "period": self.period,
                    "clause": "agency.poaching",
                    "occurred_at": act.occurred,
                    "decided_at": NOW,
                    "severity": act.severity,
                    "extra": act.extra,
                    "level": act.level,
                    "followers": act.followers,
                    "average_viewers": act.average_viewers,
                    "stands": True,
                    "price": points,
                    "rulebook": self.digest,
                }
                for act, points in zip(acts, booked, strict=True)
            ],
        )

    def _row(self, reasons: str) -> dict[str, object]:
        return {
            "id": self.case,
            "kind": Kind.REPORT,
            "status": Status.CLOSED,
            "outcome": Outcome.WINDOW_OVER,
            "version": 1,
            "moved_at": NOW,
            "rulebook": self.digest,
            "region": self.subject.region,
            "region_source": "declared",
            "filed_by": self.sam,
            "filed_role": Role.PLATFORM,
            "filed_side": Side.REPORTER,
            "filed_at": NOW,
            "clause": "agency.poaching",
            "occurred_at": NOW,
            "text": reasons,
            "respondent": self.subject.id,
            "subject": self.subject.id,
        }

    def rescore(
        self, reason: str, violation: str | None = None, timeline: Timeline | None = None
    ) -> list[tuple[str, int, int]]:
        """Count again; give the lines written: what they are about, price, balance."""
        before = len(self.lines())
        change = Change(NOW, reason, self.case if violation else None, violation)
        rescore(self.connection, timeline or self.timeline, self.subject, self.period, change, Changes())
        return self.lines()[before:]

    def lines(self) -> list[tuple[str, int, int]]:
        found = ledger.lines(self.connection, self.subject.id, self.scheme.key, self.period)
        return [
            (row["violation"] or row["day"].isoformat(), row["price"], row["balance"]) for row in reversed(found.rows)
        ]

    def expected(self, acts: list[Act], booked: Mapping[str, int], days: list[date]) -> list[tuple[str, int, int]]:
        """The same, counted the long way: every score from its beginning. `acts` stand; what is booked alone has fallen."""
        bounds, wanted = self.scheme.bounds_of(CreatorClass.STANDARD), dict.fromkeys(booked, 0)
        gains = [Act(f"{day}", day_bounds(day, self.rules.zone)[0], 0, "recovery") for day in days]
        ordered = in_order([*acts, *gains])
        wanted |= dict(zip((act.id for act in ordered), price(self.scheme, ordered), strict=True))
        prices, lines = {act.id: booked.get(act.id, 0) for act in ordered}, []
        for act in ordered:
            if prices[act.id] != wanted[act.id]:
                prices[act.id] = wanted[act.id]
                after = balances(bounds.start, self.scheme.floor, bounds.cap, prices.values())[-1]
                lines.append((act.id, wanted[act.id], after))
        return lines


@contextmanager
def docket(house: House, subject: str, kind: SubjectKind, sam: str) -> Iterator[Docket]:
    with house.engine.connect() as connection, connection.begin() as transaction:
        yield Docket(connection, subject, kind, sam)
        transaction.rollback()


def some(count: int) -> list[Act]:
    """Violations of all sorts in the order of their verdicts, which is not that of their occurrence."""
    return [
        Act(
            f"v{n:05}",
            FIRST + timedelta(hours=n * 7919 % 7001),
            n + 1,
            severity=list(Severity)[n % 3],
            extra=(n % 7 == 3) * 4,
            level=n % 5 % 3 + 1,
            followers=(0, 100_001, 600_000)[n % 11 % 3],
            average_viewers=(0, 2_000)[n % 13 % 2],
        )
        for n in range(count)
    ]


@pytest.fixture
async def sam(house: House) -> str:
    return await person(house, Role.SENIOR_MODERATOR)


@pytest.mark.parametrize("count", [3, 2_000])
async def test_a_new_rulebook_prices_every_violation_again(house: House, sam: str, count: int) -> None:
    lotus, _ = await agency(house, "lotus")
    acts = some(count)
    with docket(house, lotus, SubjectKind.AGENCY, sam) as own:
        booked = [(0, 5, 10, 90)[n * n % 4] for n in range(count)]
        own.charge(acts, booked)
        found = own.rescore("verdict", acts[-1].id)
        assert found == own.expected(acts, dict(zip((act.id for act in acts), booked, strict=True)), [])
        assert own.rescore("verdict", acts[-1].id) == []
        stored = {
            item.act.id: item.booked for item in weigh(own.connection, own.timeline, own.subject, "2026", own.rules)
        }
        assert stored == {act.id: points for act, points in zip(acts, price(own.scheme, acts), strict=True)}


async def test_the_first_of_thousands_falls_and_only_the_boundary_moves(house: House, sam: str) -> None:
    lotus, _ = await agency(house, "lotus")
    acts = [replace(act, extra=0) for act in in_order(some(2_000))]
    acts = [replace(act, order=n + 1) for n, act in enumerate(acts)]
    with docket(house, lotus, SubjectKind.AGENCY, sam) as own:
        own.charge(acts, price(own.scheme, acts))
        verdict.change_violation(own.connection, acts[0].id, stands=False)
        assert own.rescore("overturned", acts[0].id) == [(acts[0].id, 0, 0), (acts[2].id, 5, 0)]


async def test_under_freeze_only_the_fallen_one_changes(house: House, sam: str) -> None:
    lotus, _ = await agency(house, "lotus")
    acts = some(2_000)
    with docket(house, lotus, SubjectKind.AGENCY, sam) as own:
        frozen = load("live", {"appeals.on_overturn": OnOverturn.FREEZE.value})
        own.charge(acts, price(own.scheme, acts))
        verdict.change_violation(own.connection, acts[7].id, stands=False)
        found = own.rescore("overturned", acts[7].id, Timeline(own.timeline.dated, lambda _: frozen))
        assert [(id_, points) for id_, points, _ in found] == [(acts[7].id, 0)]


@pytest.mark.parametrize("count", [20, 2_000])
async def test_a_creator_s_violations_and_recoveries_stand_in_their_order(house: House, sam: str, count: int) -> None:
    kim = await creator(house)
    acts = some(count)
    with docket(house, kim, SubjectKind.CREATOR, sam) as own:
        streamed = [FIRST.date() + timedelta(days=n) for n in range(300)]
        for day in streamed:
            feed.streamed(own.connection, kim, day, Decimal(2))
        booked = [(0, 1, 4, 9)[n * n % 4] for n in range(count)]
        own.charge(acts, booked)
        dirty = {local_day(act.occurred, own.rules.zone) for act in acts}
        terms = own.scheme.recovery
        assert terms is not None
        gained = list(recovery.gains([(day, Decimal(2)) for day in streamed], dirty, lambda _: terms).points)
        found = own.rescore("recovered")
        assert found == own.expected(acts, dict(zip((act.id for act in acts), booked, strict=True)), gained)


async def test_thousands_take_as_many_statements_as_a_few(house: House, sam: str) -> None:
    took = []
    for count in (50, 2_000):
        lotus, _ = await agency(house, "lotus")
        acts = some(count)
        with docket(house, lotus, SubjectKind.AGENCY, sam) as own:
            own.charge(acts, [0] * count)
            statements: list[str] = []
            event.listen(own.connection, "before_cursor_execute", lambda *said: statements.append(said[2]))  # noqa: B023
            assert len(own.rescore("verdict", acts[-1].id)) == count
            took.append([sql.split("(")[0] for sql in statements if "INTO ledger" not in sql])  # that one is in pages
    assert took[0] == took[1]
