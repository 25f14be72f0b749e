"""What a preview says is what its commit then does; and a preview leaves nothing behind."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
import sqlalchemy as sa
from attributed import attributed
from chance import DEPTH, dice
from court import Court, court
from foretelling import SAM, Foretelling, Life
from hypothesis import HealthCheck, Phase, given, settings
from sqlalchemy.exc import OperationalError

from activities.move.carry_out import carry_out
from activities.move.effects import EFFECTS
from activities.move.preview import preview
from activities.move.scene import Scene
from ops.rehearsal.stage.servers import Servers, servers
from states.terms import Code, Kind, RefusedError
from store.schema import metadata
from store.trial import MetError, trial
from workers.settings import Settings

LONG_AFTER = datetime(2028, 1, 1, tzinfo=UTC)
few = settings(
    max_examples=12 * DEPTH,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
async def places() -> AsyncIterator[Servers]:
    async with servers(Settings()) as running:
        yield running


@pytest.fixture(scope="module")
async def foretelling(places: Servers, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Foretelling]:
    """Its rulebook charges gambling to the agency too."""
    rulebook = attributed(tmp_path_factory.mktemp("rulebook"), "content.gambling")
    async with court(places, rulebook) as sitting:
        yield Foretelling(sitting.engine, sitting.commit, sitting.rulebooks, sitting.numbers)


@given(die=dice)
@few
async def test_a_decision_does_what_its_preview_said(foretelling: Foretelling, die: Random) -> None:
    life = Life(foretelling, die)
    for _ in range(die.randint(3, 8)):
        await life.report()


async def test_verify_finds_nothing_after_all_that_was_foretold(foretelling: Foretelling) -> None:
    assert foretelling.differences(LONG_AFTER) == []


def rows(sitting: Court) -> dict[str, tuple[object, ...]]:
    """How many rows each table has, and a digest of them."""
    digests = "SELECT count(*), md5(string_agg(t::text, '' ORDER BY t::text)) FROM {} t"
    with sitting.engine.connect() as connection:
        tables = [table.name for table in metadata.sorted_tables]
        return {name: tuple(connection.execute(sa.text(digests.format(name))).one()) for name in tables}


def sequences(sitting: Court) -> set[tuple[object, ...]]:
    """Where each sequence stands."""
    with sitting.engine.connect() as connection:
        return {tuple(row) for row in connection.execute(sa.text("SELECT sequencename, last_value FROM pg_sequences"))}


async def test_a_thousand_previews_leave_nothing_behind(foretelling: Foretelling) -> None:
    """No row, no sequence and no digest; also where two are made at once, or a wish is refused."""
    life = Life(foretelling, Random(7))  # noqa: S311  # chance, not secrets
    wishes = await life.waiting()
    before = rows(foretelling), sequences(foretelling)

    def some(die: Random) -> int:
        refused = 0
        for _ in range(500 * DEPTH):
            actor, case, event, said = die.choice(wishes)
            try:
                foretelling.preview(life.now, actor, case, event, **said)
            except (RefusedError, MetError, OperationalError):
                refused += 1
        return refused

    refused = await asyncio.gather(*(asyncio.to_thread(some, Random(seed)) for seed in (1, 2)))  # noqa: S311
    assert 0 < sum(refused) < 300 * DEPTH
    assert (rows(foretelling), sequences(foretelling)) == before
    assert foretelling.differences(LONG_AFTER) == []


async def test_a_decision_is_refused_where_it_would_do_something_else_than_was_seen(foretelling: Foretelling) -> None:
    """Another verdict on the same agency comes between: the price is another then. Nothing is stored."""
    life = Life(foretelling, Random(8))  # noqa: S311
    seen, other = [await life.claimed("agency.poaching", SAM) for _ in range(2)]
    said = {"finding": "violation", "severity": "mild", "reasons": "x"}
    first = foretelling.preview(life.now, SAM, seen, "decide", **said)
    for _ in range(2):
        await foretelling.done(life.now, SAM, other, "decide", **said)
        other = await life.claimed("agency.poaching", SAM)
    before = rows(foretelling)
    answer = await foretelling.send(life.now, SAM, seen, "decide", first.basis, **said)
    assert answer.refusal is not None
    assert (answer.refusal.code, answer.refusal.key) == (Code.STALE, "basis_changed")
    assert rows(foretelling) == before
    second = foretelling.preview(life.now, SAM, seen, "decide", **said)
    assert [score.points for score in (*first.now.scores, *second.now.scores)] == [95, 80]
    assert answer.refusal.facts["basis"] == second.basis


async def test_a_proposal_is_refused_where_its_second_vote_would_do_something_else(foretelling: Foretelling) -> None:
    life = Life(foretelling, Random(9))  # noqa: S311
    seen, other = [await life.claimed("agency.poaching", SAM) for _ in range(2)]
    severe = {"finding": "violation", "severity": "severe", "reasons": "x"}
    first = foretelling.preview(life.now, SAM, seen, "decide", **severe)
    await foretelling.done(life.now, SAM, other, "decide", finding="violation", severity="mild", reasons="x")
    await foretelling.done(life.now, f"{life.agency}.owner", Kind.APPEAL, "submit", of=seen, grounds="x")
    answer = await foretelling.send(life.now, SAM, seen, "decide", first.basis, **severe)
    assert answer.refusal is not None
    assert answer.refusal.code is Code.STALE
    await foretelling.done(life.now, SAM, seen, "decide", **severe)


async def test_a_basis_stays_true_while_nothing_but_time_passes(foretelling: Foretelling) -> None:
    life = Life(foretelling, Random(10))  # noqa: S311
    seen = await life.claimed("agency.poaching", SAM)
    said = {"finding": "violation", "severity": "severe", "reasons": "x"}
    first = foretelling.preview(life.now, SAM, seen, "decide", **said)
    later = life.now + timedelta(minutes=29)
    assert foretelling.preview(later, SAM, seen, "decide", first.basis, **said).basis == first.basis
    answer = await foretelling.send(later, SAM, seen, "decide", first.basis, **said)
    assert answer.answer is not None


async def test_a_preview_waits_for_nobody_who_has_locked_a_case_or_an_agency(foretelling: Foretelling) -> None:
    life = Life(foretelling, Random(11))  # noqa: S311
    case = await life.claimed("agency.poaching", SAM)
    said = {"finding": "violation", "severity": "mild", "reasons": "x"}
    with foretelling.engine.begin() as busy:
        scene = Scene(busy, life.now, foretelling.rulebooks, EFFECTS)
        scene.require(case)
        scene.subjects(life.agency)
        assert foretelling.preview(life.now, SAM, case, "decide", **said).now.scores[0].points == 95


async def test_a_preview_gives_up_where_somebody_is_just_deciding_the_same(foretelling: Foretelling) -> None:
    """It begins anew for at most 0.3 s, and then says so."""
    life = Life(foretelling, Random(12))  # noqa: S311
    case, other = [await life.claimed("agency.poaching", SAM) for _ in range(2)]
    said = {"finding": "violation", "severity": "mild", "reasons": "x"}
    with foretelling.engine.begin() as busy:
        scene = Scene(busy, life.now, foretelling.rulebooks, EFFECTS)
        command, facts = foretelling.command(life.now, SAM, other, "decide", said, None)
        carry_out(scene, command, scene.require(other), facts)
        before = time.monotonic()
        with pytest.raises(MetError):
            foretelling.preview(life.now, SAM, case, "decide", **said)
        assert time.monotonic() - before < 2
        busy.rollback()
    assert foretelling.preview(life.now, SAM, case, "decide", **said).now.scores[0].points == 95


async def test_a_case_moves_while_somebody_looks_at_a_preview_of_it(foretelling: Foretelling) -> None:
    """A preview locks neither the case nor the agency: what others do meanwhile does not wait for it."""
    life = Life(foretelling, Random(13))  # noqa: S311
    case = await life.claimed("agency.poaching", SAM)
    command, facts = foretelling.command(
        life.now, SAM, case, "decide", {"finding": "violation", "severity": "severe", "reasons": "x"}, None
    )
    with trial(foretelling.engine) as connection:
        assert preview(connection, foretelling.rulebooks, command, facts, life.now).if_seconded is not None
        await foretelling.done(life.now, f"{life.agency}.owner", Kind.APPEAL, "submit", of=case, grounds="x")
        await foretelling.done(life.now, SAM, case, "renew")


@pytest.mark.parametrize(("region", "midnight"), [("VN", "2026-12-31T17:00:00Z"), ("DE", "2026-12-31T23:00:00Z")])
async def test_at_new_year_a_preview_goes_by_the_subjects_calendar(
    foretelling: Foretelling, region: str, midnight: str
) -> None:
    """Each decision is compared with its preview (`foretelling.py`); one seen before midnight is the same after it."""
    agency, new_year = foretelling.agency(region, {}), datetime.fromisoformat(midnight)
    eve = new_year - timedelta(seconds=1)
    mild, found = {"finding": "violation", "severity": "mild", "reasons": "x"}, []
    for occurred, seen, decided in ((eve, eve, eve), (eve, eve, new_year), (new_year, new_year, new_year)):
        said = {"clause": "agency.poaching", "against": agency, "occurred": occurred, "details": "x"}
        case = await foretelling.done(occurred, "platform", Kind.REPORT, "submit", **said)
        await foretelling.done(occurred, SAM, case, "claim")
        told = foretelling.preview(seen, SAM, case, "decide", **mild)
        found += [(score.period, score.before, score.points) for score in told.now.scores]
        assert foretelling.preview(decided, SAM, case, "decide", told.basis, **mild).basis == told.basis
        await foretelling.done(decided, SAM, case, "decide", **mild)
    assert found == [("2026", 100, 95), ("2026", 95, 90), ("2027", 100, 95)]
