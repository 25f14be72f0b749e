"""Rising penalties are what the published policy says, for any history, and `verify` says the same."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from random import Random

import pytest
from court import FIRST, SENIORS, Court, court, profile

from ops.rehearsal.stage.servers import Servers, servers
from rulebook.load import load
from states.terms import Kind
from workers.settings import Settings

ZONE = load("video-strikes").policy("VN").zone
LASTS = {"strike.warning": None, "strike.first": 7, "strike.second": 14, "strike.third": None}
LIVES, ACTS = 3, 9
SAM, SUE, _ = SENIORS
Found = tuple[str, datetime, datetime]  # a case, when it happened, when it was decided


@pytest.fixture(scope="module")
async def on() -> AsyncIterator[Servers]:
    async with servers(Settings()) as running:
        yield running


def later(at: datetime, days: int) -> datetime:
    wall = at.astimezone(ZONE).replace(tzinfo=None) + timedelta(days=days)
    return wall.replace(tzinfo=ZONE)


def brought(found: list[Found], number: int) -> str:
    """The one thing that a violation brings, of those that stand, in the order of their verdicts."""
    acts = sorted(range(number + 1), key=lambda n: (found[n][1], n))
    _, *strikes = acts
    if number not in strikes:
        return "strike.warning"
    for name, count in (("strike.third", 3), ("strike.second", 2)):
        rows = [strikes[n : n + count] for n in range(len(strikes) - count + 1)]
        if any(number in row and found[row[-1]][1] < later(found[row[0]][1], 90) for row in rows):
            return name
    return "strike.first"


def in_force(found: list[Found], now: datetime) -> set[str]:
    keys = set()
    for number, (_, _, decided) in enumerate(found):
        key = brought(found, number)
        if LASTS[key] is None or now < later(decided, LASTS[key] or 0):
            keys.add(key)
    return keys


@pytest.mark.timeout(120)
async def test_strikes_rise_and_fall_as_they_are_published(on: Servers) -> None:
    async with court(on, "video-strikes") as here:
        ends = [await _live(here, Random(life)) for life in range(LIVES)]  # noqa: S311 - chance
        assert here.differences(max(ends)) == []


async def _live(here: Court, die: Random) -> datetime:
    """Verdicts and verdicts set aside, each foretold; give when it ends."""
    agency = here.agency("VN", {"kim": profile("standard", 1, 0, 0)})
    kim, now = f"{agency}.kim", FIRST + timedelta(days=90)
    stands: list[Found] = []
    for _ in range(ACTS):
        now += timedelta(days=die.choice([0, 3, 20, 45]), minutes=1)
        occurred = now - timedelta(days=die.choice([0, 0, 1, 40]))
        said = {"clause": die.choice(["content.spam", "content.harmful"]), "against": kim, "details": "x"}
        case = await here.done(now, "platform", Kind.REPORT, "submit", occurred=occurred, **said)
        await here.done(now, SAM, case, "claim")
        await here.done(now, SAM, case, "decide", finding="violation", severity="mild", reasons="x")
        stands.append((case, occurred, now))
        assert here.in_force(kim, now) == in_force(stands, now)
        if die.random() < 0.4:
            now += timedelta(days=die.choice([0, 2, 15]), minutes=1)
            fallen = die.choice([one for one in stands if now < later(one[2], 90)])
            foretold = here.preview(now, SUE, fallen[0], "set_aside", reasons="x")
            answer = await here.send(now, SUE, fallen[0], "set_aside", foretold.basis, reasons="x")
            assert answer.answer is not None, answer.refusal
            stands.remove(fallen)
            assert here.in_force(kim, now) == in_force(stands, now)
        assert here.in_force(agency, now) == set()
    return now
