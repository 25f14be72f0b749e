"""What is on trial is counted and told to nobody; what it did not take is never taken later (ruling 28)."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from court import FIRST, SENIORS, Court, court, profile
from versions import APPROVER, approved, in_force

from activities.rollout import life
from activities.rulebooks import Rulebooks
from activities.score.points import score_of
from ops.rehearsal.stage.changes import changed
from ops.rehearsal.stage.servers import Servers, servers
from ops.verify.notices import notices
from rulebook.files import assembled
from rulebook.load import BUNDLED, files_at
from rulebook.model import Rulebook
from states.terms import Kind, RefusedError
from store import forecast as forecasts
from store import ledger, party, penalty
from store.schema.scores import ledger as lines
from workers.settings import Settings

SAM, *_ = SENIORS
DAY = timedelta(days=1)
START = FIRST + 90 * DAY
# Only in Vietnam: a clause and a trigger.
TRIAL = b"""
clauses:
  - {key: agency.poaching, enforced: no, illustrative: yes}
triggers:
  - {key: trigger.multi_account, enforced: no, illustrative: yes}
"""


# The score of agencies.
SCORE = b"""
scores:
  - {key: agency_compliance, enforced: no, illustrative: yes}
"""


def book(
    number: int, changes: Mapping[str, object] | None = None, vietnam: bytes = b"", germany: bytes = b""
) -> Rulebook:
    """The bundled rulebook as another version of it."""
    files = dict(files_at(BUNDLED / "live"))
    files["VN.yaml"] += vietnam
    files["DE.yaml"] += germany
    return assembled(changed(files, {"reports.quota_per_month": number, **(changes or {})}))


@pytest.fixture(scope="module")
async def on() -> AsyncIterator[Servers]:
    async with servers(Settings()) as running:
        yield running


def force(here: Court, version: Rulebook, at: datetime) -> None:
    with here.engine.begin() as connection:
        in_force(connection, version, at)


def go_on(here: Court, version: Rulebook, at: datetime) -> None:
    """Let the version's wave reach everybody."""
    with here.engine.begin() as connection:
        while (due := life.by_time(connection, Rulebooks(), version.digest, at)[0]) is not None and due <= at:
            pass


def take_back(here: Court, version: Rulebook, at: datetime) -> None:
    with here.engine.begin() as connection:
        approver = party.actor(connection, APPROVER)
        assert approver is not None
        said = {"reasons": "It was wrong."}
        life.move(connection, Rulebooks(), version.digest, "take_back", approver, said, at, through="session")
        while life.by_time(connection, Rulebooks(), version.digest, at)[0] is not None:
            pass


async def charge(
    here: Court, by: str, against: str, clause: str, at: datetime, occurred: datetime | None = None
) -> None:
    """A violation, found as it is reported: an agency's is mild, a creator's severe."""
    said = {"clause": clause, "against": against, "details": "x", "occurred": occurred or at}
    case = await here.done(at, by, Kind.REPORT, "submit", **said)
    await here.done(at, SAM, case, "claim")
    severity = "severe" if clause.startswith("content") else "mild"
    await here.done(at, SAM, case, "decide", finding="violation", severity=severity, reasons="x")


def counted(here: Court, subject: str, at: datetime) -> set[str]:
    with here.engine.connect() as connection:
        return {row["key"] for row in penalty.of_subject(connection, subject, at, counted=True).rows}


def score(here: Court, subject: str, at: datetime) -> tuple[int, bool] | str:
    """The score, and whether it is on trial; or why there is none."""
    with here.engine.connect() as connection:
        found = party.subject(connection, subject)
        assert found is not None
        try:
            its = score_of(connection, found, Rulebooks().governing(connection, found, at), at)
        except RefusedError as refusal:
            return refusal.key
        return its.points, its.on_trial


@pytest.mark.timeout(120)
async def test_a_clause_and_a_trigger_on_trial_bring_nothing_then_nor_later(on: Servers) -> None:
    async with court(on) as here:
        trial, after = book(31, vietnam=TRIAL), book(32)
        force(here, trial, FIRST + DAY)
        jade, lotus, linde = here.agency("VN", {}), here.agency("VN", {}), here.agency("DE", {})
        by = f"{jade}.owner"
        for _ in range(3):
            await charge(here, by, lotus, "agency.poaching", START)
        assert score(here, lotus, START) == (100, False)
        assert (here.in_force(lotus, START), counted(here, lotus, START)) == (set(), {"base.warning"})
        assert here.told(lotus)[-1][1].keys() >= {"trial", "until"}
        await charge(here, by, linde, "agency.poaching", START)
        assert (score(here, linde, START), here.in_force(linde, START)) == ((95, False), {"base.warning"})
        for _ in range(3):
            await charge(here, by, lotus, "agency.multi_account", START)
        mine, enforced = {"base.warning", "additional.multi_account"}, {"base.warning", "agency_compliance.watch"}
        assert score(here, lotus, START) == (80, False)
        assert (here.in_force(lotus, START), counted(here, lotus, START)) == (enforced, mine)
        assert "additional" not in f"{here.told(lotus)}"
        assert here.differences(START) == []

        # The next version drops both leaves. What it judges itself is carried out; what was on trial is as it was.
        now = START + DAY
        force(here, after, now)
        await charge(here, by, lotus, "agency.poaching", now, occurred=START)
        assert (score(here, lotus, now), here.in_force(lotus, now)) == ((80, False), enforced)
        assert counted(here, lotus, now) == mine
        await charge(here, by, lotus, "agency.poaching", now)
        assert (score(here, lotus, now), here.in_force(lotus, now)) == ((70, False), enforced)
        await charge(here, by, lotus, "agency.multi_account", now)
        restricted = {*enforced, "agency_compliance.restricted", "additional.multi_account"}
        assert (score(here, lotus, now), here.in_force(lotus, now)) == ((60, False), restricted)
        assert here.differences(now) == []

        # Taken back, its own are on trial as the others are.
        take_back(here, after, now)
        assert (score(here, lotus, now), here.in_force(lotus, now)) == ((70, False), enforced)
        assert counted(here, lotus, now) == mine
        assert here.differences(now) == []
        for table in ("penalties", "violations"):
            with here.engine.begin() as connection:
                forged = connection.execute(sa.text(f"UPDATE {table} SET on_trial = false WHERE on_trial"))
                assert forged.rowcount
            assert len(here.differences(now)) > 1


@pytest.mark.timeout(120)
async def test_a_score_that_is_given_up_comes_back_on_trial_and_then_in_force_with_what_was_booked(on: Servers) -> None:
    async with court(on) as here:
        none, trial = book(31, {"scores.creator_health": None}), book(32, {"scores.creator_health.enforced": "no"})
        after = book(33)
        agency = here.agency("VN", {"kim": profile("standard", 3, 12_000_000, 0)})
        kim, now = f"{agency}.kim", START
        for _ in range(3):
            await charge(here, "platform", kim, "content.vulgar", now)
        assert (score(here, kim, now), here.in_force(kim, now)) == ((61, False), {"creator_health.limited"})

        now += DAY
        force(here, none, now)
        here.stream(now, kim, 5, 3)
        await charge(here, "platform", kim, "content.vulgar", now)
        assert (score(here, kim, now), here.in_force(kim, now), counted(here, kim, now)) == ("no_score", set(), set())
        assert here.differences(now) == []

        now += DAY
        force(here, trial, now)
        assert (score(here, kim, now), here.in_force(kim, now)) == ((61, True), set())
        assert counted(here, kim, now) == {"creator_health.limited"}
        await charge(here, "platform", kim, "content.vulgar", now)
        assert score(here, kim, now) == (48, True)
        assert all("score" not in values for template, values in here.told(kim)[-2:] if template == "verdict.violation")
        assert here.differences(now) == []
        take_back(here, trial, now)
        assert (score(here, kim, now), counted(here, kim, now)) == ("no_score", set())
        assert here.differences(now) == []

        # What the version judged that was taken back costs nothing, as the one that it followed had no score.
        now += DAY
        force(here, after, now)
        assert (score(here, kim, now), here.in_force(kim, now)) == ((61, False), {"creator_health.limited"})
        with here.engine.connect() as connection:
            kept = forecasts.read(connection, after.digest)
            booked = ledger.last(connection, kim, "creator_health", "life")
        assert kept is not None
        assert [(one["subject"], one["penalties"]) for one in kept["subjects"]] == [(kim, ["creator_health.limited"])]
        assert booked[1] == 61
        assert here.differences(now) == []


async def test_a_score_on_trial_that_starts_elsewhere_has_a_line_of_its_own_and_tells_nobody(on: Servers) -> None:
    trial, standard = {"scores.creator_health.enforced": "no"}, "scores.creator_health.bounds.standard"
    async with court(on, book(31, trial)) as here:
        kim = f"{here.agency('VN', {'kim': profile('standard', 1, 0, 0)})}.kim"
        force(here, book(32, trial | {f"{standard}.start": 110, f"{standard}.cap": 110}), START)
        assert score(here, kim, START) == (110, True)
        with here.engine.connect() as connection:
            found = connection.execute(sa.select(lines).where(lines.c.subject == kim)).all()
        assert [(row.reason, row.price, row.change, row.balance) for row in found] == [("version_in_force", 0, 10, 110)]
        assert "version.reached" not in [template for template, _ in here.told(kim)]
        assert here.differences(START) == []


async def test_a_year_that_is_over_is_told_as_it_was_counted_whatever_version_is_taken_back_since(on: Servers) -> None:
    """The waves come after New Year, so 2026 goes by the first version: it has the score on trial in Vietnam alone.

    The second has it on trial in Germany alone. The third, dated in 2026 and dearer, is taken back.
    """
    dearer = {"scores.agency_compliance.pricing.points": [9]}
    versions = book(31, vietnam=SCORE), book(32, germany=SCORE), book(33, dearer, germany=SCORE)
    async with court(on, versions[0]) as here:
        lotus, linde, after = here.agency("VN", {}), here.agency("DE", {}), START + 45 * DAY
        for number, version in enumerate(versions[1:]):
            with here.engine.begin() as connection:
                approved(connection, version, START + number * DAY, START + number * DAY)
        for agency in (lotus, linde):
            await charge(here, "platform", agency, "agency.other", START + 2 * DAY)
        for version in versions[1:]:
            go_on(here, version, after)
        assert [here.score(one, "agency_compliance", "2026") for one in (lotus, linde)] == [91, 91]
        take_back(here, versions[2], after)
        assert [here.score(one, "agency_compliance", "2026") for one in (lotus, linde)] == [95, 95]
        templates = [[template for template, _ in here.told(one)] for one in (lotus, linde)]
        assert ["version.released" in told for told in templates] == [False, True]
        (values,) = [values for template, values in here.told(linde) if template == "version.released"]
        assert values["past"] == [{"period": "2026", "before": 91, "score": 95}]
        with here.engine.connect() as connection:
            assert list(notices(connection, Rulebooks())) == []
        assert here.differences(after) == []
