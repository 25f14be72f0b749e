"""Whatever fails between any two statements of a commit, nothing is half done, and what is asked again is done once."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import httpx
import pytest
from chance import DEPTH
from clocks import copy_of
from court import KEY, WORDS, Court, Deaf
from failing import BrokenError, Failing, How
from parliament import Parliament, begun
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from versions import PROPOSED

from activities.clock import Story
from activities.command import Answer, Request
from activities.courier.enforce import Enforce, Round
from activities.courier.platform import Http, Recorded
from activities.move.commit import Commit
from activities.rollout.advance import Advance, Stretch
from activities.rulebooks import Rulebooks
from ops.verify import verify
from rulebook.load import load
from states.terms import Code, Kind, Role, Status
from store import feed, journal, text, webhook
from store.engine import connect
from store.in_thread import close
from store.schema.webhooks import Event
from workers.reach import House

AT = datetime(2031, 3, 3, 9, tzinfo=UTC)
VIOLATION = {"finding": "violation", "severity": "moderate", "reasons": "reasons"}
# What a wave meets and can't mend is put before ops; it is not tried again.
PASSING = (How.SLOW, How.CUT, How.KILLED)
Does = Callable[[], Awaitable[Any]]


@pytest.fixture(scope="module")
def engine(house: House) -> Iterator[Engine]:
    """A database with a rulebook, two agencies, a receiver and the staff."""
    with begun(house) as built, copy_of(built) as engine:
        with engine.begin() as connection, journal.recording(connection, "feed", AT):
            text.write(connection, WORDS)
            feed.agency(connection, "jade", "VN")
            for name in ("jade", "lotus"):
                feed.person(connection, f"{name}.owner", Role.OWNER, agency=name)
            for name in ("sam", "sue", "sol"):
                feed.person(connection, name, Role.SENIOR_MODERATOR, regions=["VN"])
            made = {"id": "wh-1", "agency": None, "secret": "whsec_c2VjcmV0", "events": list(Event), "created_at": AT}
            webhook.add(connection, made | {"url": "http://127.0.0.1:1/", "created_by": "platform"})
        yield engine


@pytest.fixture(scope="module")
def court(engine: Engine) -> Court:
    rulebooks = Rulebooks()
    return Court(engine, Commit(engine, KEY, Deaf(), rulebooks), rulebooks, count(1))


@pytest.fixture(scope="module")
def failing(engine: Engine) -> Iterator[Failing]:
    beside = connect(engine.url.set(drivername="postgresql").render_as_string(hide_password=False), pool=1)
    yield Failing(engine, beside)
    close(beside)


async def everywhere(failing: Failing, does: Does, ways: Sequence[How] = tuple(How)) -> Any:
    """Let a transaction fail at each of its points; give what is answered when it comes through at last.

    Its commit was then done before, and its answer lost: it is asked again, and fails everywhere once more.
    """
    before = failing.picture()
    with failing.at(None, How.CUT):  # it also reads the rulebook, which is then known
        through, told = await attempted(does)
    if through:  # it had nothing to commit
        return told
    with failing.at(None, How.CUT) as counting:
        await attempted(does)
    for point, how in places(counting.passed, ways):
        with failing.at(point, how):
            through, _ = await attempted(does)
        assert not through, f"{how}, at {point} of {counting.passed}"
    after = failing.picture()
    assert [name for name in after if after[name] != before[name]] == []
    with failing.at(counting.passed, How.CUT) as lost:
        await attempted(does)
    assert lost.committed
    return await does() if failing.picture() == before else await everywhere(failing, does, ways)


def places(points: int, ways: Sequence[How]) -> list[tuple[int, How]]:
    """Where it fails and how, in a shallow run at each point in one of the ways.

    Connections that end come first, and later points before earlier ones: what a failure leaves on its connection is
    there when the next one fails, and at last when none does.
    """
    found = [(n, how) for n in range(points) for how in (ways if DEPTH > 1 else [ways[n % len(ways)]])]
    return sorted(found, key=lambda place: (place[1] in {How.SLOW, How.BROKEN}, -place[0]))


async def attempted(does: Does) -> tuple[bool, Any]:
    """Whether it came through, and was not refused because of a failure; and what was answered."""
    try:
        told = await does()
    except (OperationalError, BrokenError):
        return False, None
    refused = isinstance(told, Answer) and told.refusal is not None and told.refusal.code is Code.UNAVAILABLE
    return not refused, told


class Life:
    """A case's life, each of whose commits fails everywhere."""

    def __init__(self, court: Court, failing: Failing) -> None:
        self._court, self._failing = court, failing
        self.at = AT

    async def __call__(self, actor: str, case: str | Kind, event: str, **said: Any) -> str:
        """Commit a command; give the case."""
        command, _ = self._court.command(self.at, actor, case, event, said, None)
        request = Request(case=command.case, at=self.at, command=command)
        told = await everywhere(self._failing, lambda: self._court.commit.commit(request))
        assert told.answer is not None, told.refusal
        with self._court.engine.begin() as connection:
            lines = [line for line in journal.timeline(connection, command.case) if line["command"] == command.id]
        assert len({line["event"] for line in lines}) == len(lines) > 0
        return str(told.answer["case"])

    async def pass_time(self, case: str, after: timedelta) -> None:
        """Let a deadline pass."""
        self.at += after
        request = Request(case=case, at=self.at)
        await everywhere(self._failing, lambda: self._court.commit.commit(request))


async def test_a_case_s_commits_happen_once_wherever_they_fail(court: Court, failing: Failing) -> None:
    life = Life(court, failing)
    report = await life(
        "jade.owner", Kind.REPORT, "submit", clause="agency.poaching", against="lotus", details="details"
    )
    await life("sam", report, "claim")
    await life.pass_time(report, timedelta(hours=1))
    assert court.status(report) == Status.QUEUED
    await court.done(life.at, "sam", report, "claim")
    await life("sam", report, "decide", **VIOLATION)
    assert court.score("lotus", "agency_compliance", "2031") == 95
    await told(court, failing, Round(subject="lotus", at=life.at))
    appeal = await life("lotus.owner", Kind.APPEAL, "submit", of=report, grounds="grounds")
    await court.done(life.at, "sol", appeal, "claim")
    await life("sol", appeal, "decide", outcome="overturned", reasons="reasons")
    assert court.score("lotus", "agency_compliance", "2031") == 100


async def told(court: Court, failing: Failing, round_: Round) -> None:
    """Let the platform be told, which first can't be reached."""
    async with httpx.AsyncClient() as client:
        away = Enforce(court.engine, Http(client, "http://127.0.0.1:1/", KEY), court.rulebooks, Story())
        assert (await everywhere(failing, lambda: away.survey(round_), PASSING)).to_tell
    courier = Enforce(court.engine, Recorded(), court.rulebooks, Story())
    await everywhere(failing, lambda: courier.tell(round_), PASSING)
    assert not (await courier.survey(round_)).to_tell


async def test_a_wave_s_batch_happens_once_wherever_it_fails(court: Court, failing: Failing) -> None:
    place = Parliament(court.engine, AT + timedelta(days=30), load("live").digest)
    version = place.approved(PROPOSED, timedelta(hours=1))
    place.pass_time(version)
    place.at += timedelta(hours=1)
    while place.next_region(version) != "VN":
        place.time(version)
    advance = Advance(court.engine, Deaf(), court.rulebooks, Story())
    stretch = Stretch(version=version, at=place.at)
    await everywhere(failing, lambda: advance.advance(stretch), PASSING)
    assert place.wave(version).hit == 2


async def test_verify_finds_nothing_after_all_failures(court: Court) -> None:
    with court.engine.connect() as connection:
        assert [str(found) async for found in verify(connection, AT + timedelta(days=60))] == []
