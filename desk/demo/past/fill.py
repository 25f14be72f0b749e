"""How is an empty engine filled with a past? By the moves of a story that ends now, each by a real commit at its time.

What was done is not done again: a filling that was stopped goes on where it was, also days later.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from activities.clock import Story
from activities.courier.enforce import Enforce
from activities.courier.platform import Recorded
from activities.feed.stream import record
from activities.install import PLATFORM, install
from activities.look import Looker, Woken
from activities.move.commit import Commit
from activities.rollout.advance import Advance
from activities.rulebooks import Rulebooks
from activities.subject import known
from desk.demo import accounts
from desk.demo.past import rules, state
from desk.demo.past.carrier import Committing, Nobody
from desk.demo.past.now import Past
from desk.demo.past.screen import screen
from desk.door.door import Door
from desk.evidence.keep import Intake
from desk.upload import upload
from ops.rehearsal.script.reader import read
from ops.rehearsal.script.scenario import Scenario
from ops.rehearsal.script.step import Step
from ops.rehearsal.stage.books import book_of
from ops.rehearsal.stage.inquiry import Inquiry
from ops.rehearsal.stage.player import Player
from ops.rehearsal.stage.rehearsal import introduce
from states.terms import Status
from store import command as commands
from store import notice
from store.in_thread import in_thread
from store.journal import DIRECT
from store.schema.cases import cases
from store.schema.commands import commands as command_rows
from store.schema.rulebooks import versions
from store.schema.standing import standings
from workers.embedded.error import EmbeddedError
from workers.reach import House

_NOT_EMPTY = "There are cases in {} already, and `--demo-year` fills an empty engine: set another CASEWORK_DATA_DIR."
# So old are notices that nobody has read.
_UNREAD = timedelta(days=1, hours=12)
Watch = Callable[[Step, datetime], None]


def script() -> Scenario:
    """The story, read from `past.yaml`."""
    return read(Path(__file__).with_name("past.yaml"))


async def fill(house: House, story: Scenario, watch: Watch) -> None:
    """Play the story into the house, in which nothing is at work; it ends at this moment, or where it was to end.

    Raises:
        EmbeddedError: the engine has cases that are not the story's.
        RefusedError: a move was refused.
    """
    start = await in_thread(house.engine, _begin, house, story)
    rulebooks = Rulebooks()
    commit = Commit(house.engine, house.key, Nobody(), rulebooks)
    advance = Advance(house.engine, Nobody(), rulebooks, Story())
    past = Past(house.engine, commit, Enforce(house.engine, Recorded(), rulebooks), advance, start)
    door = Door(
        house.engine, house.client, house.key, house.settings.task_queue, past.now, carrier=Committing(commit, past)
    )
    await past.until(await in_thread(house.engine, _reached, house, start))
    player = Player(house.engine, Sender(house, door, past), past, Inquiry(house.engine, past.now))
    for step in story.steps:
        if step is story.steps[-1]:
            await in_thread(house.engine, _propose_rules, house, rulebooks, past.now())
        played = await player.play(step, started=partial(_tell, watch, step, past))
        if played.refusal is not None:
            raise played.refusal
    await in_thread(house.engine, _have_read, house, story, past.now())
    await _wake(house)


def _tell(watch: Watch, step: Step, past: Past) -> None:
    watch(step, past.now())


class Sender:
    """Sends the story's acts; each file is a screen with its name."""

    def __init__(self, house: House, door: Door, past: Past) -> None:
        self._engine = house.engine
        self._door = door
        self._past = past
        self._intake = Intake.of(house)

    async def send(self, actor: str, verb: str, said: Mapping[str, Any], *, key: str) -> dict[str, Any]:
        """Carry out a verb, and do what follows at once; also of one that was carried out before it was stopped."""
        answer = await self._door.send(actor, verb, said, key=state.key(key.removeprefix("step ")))
        await self._past.catch_up()
        return answer

    async def stream(self, actor: str, said: Mapping[str, Any]) -> None:
        """Record streamed days."""
        await in_thread(self._engine, self._record, actor, said)
        await self._past.catch_up()

    async def upload(self, actor: str, name: str, content: bytes, *, key: str) -> str:  # noqa: ARG002  # one pixel
        """Upload a screen, and give its id."""
        who = await in_thread(self._engine, known, self._engine, actor)
        sent, now = _whole(screen(name)), self._past.now()
        return str((await upload(self._engine, self._intake, who, name, sent, state.key(key), now))["id"])

    def _record(self, actor: str, said: Mapping[str, Any]) -> None:
        with self._engine.begin() as connection:
            record(connection, self._door.rulebooks, actor, said, self._past.now(), through=DIRECT)


async def _whole(content: bytes) -> AsyncIterator[bytes]:
    yield content


def _begin(house: House, story: Scenario) -> datetime:
    """Put rulebook and cast in place, unless they are; when the story begins."""
    with house.engine.begin() as connection:
        if (start := state.begun(connection)) is not None:
            return start
        if connection.execute(sa.select(sa.exists(sa.select(cases.c.id)))).scalar():
            raise EmbeddedError(_NOT_EMPTY.format(house.settings.data_dir))
        start = house.clock.now() - sum((step.after or timedelta() for step in story.steps), timedelta())
        book = book_of(story)
        install(connection, book, start)
        introduce(connection, story.cast, book, start)
        accounts.introduce(connection, story.cast.staff, story.cast.people - {PLATFORM})
        rules.approve(connection, Rulebooks(), start)
    return start


def _propose_rules(house: House, rulebooks: Rulebooks, at: datetime) -> None:
    with house.engine.begin() as connection:
        rules.propose(connection, rulebooks, at)


def _reached(house: House, start: datetime) -> datetime:
    """The time of the newest command: there a filling that was stopped goes on."""
    with house.engine.begin() as connection:
        newest: datetime | None = connection.execute(sa.select(sa.func.max(command_rows.c.at))).scalar()
    return newest or start


def _have_read(house: House, story: Scenario, at: datetime) -> None:
    """Whoever was told something before yesterday has read it."""
    with house.engine.begin() as connection:
        for person in sorted(story.cast.people - story.cast.staff.keys() - {PLATFORM}):
            notice.read(connection, person, at - _UNREAD)


async def _wake(house: House) -> None:
    """Start the workflows of what is open, and the couriers of penalties that are to begin or end; the rest is done."""

    def behind() -> Woken:
        with house.engine.begin() as connection:
            still = connection.execute(sa.select(cases.c.id).where(cases.c.status != Status.CLOSED)).scalars().all()
            waiting = sa.select(standings.c.subject).where(standings.c.next_at.is_not(None))
            due = connection.execute(sa.select(versions.c.digest).where(versions.c.deadline_at.is_not(None)))
            return Woken(still, connection.execute(waiting).scalars().all(), versions=due.scalars().all())

    await Looker(house.client, house.settings.task_queue).wake(await in_thread(house.engine, behind), house.clock.now())
    await in_thread(house.engine, _acknowledge, house)


def _acknowledge(house: House) -> None:
    """Note that every case's workflow has been told, so that the sweep wakes none."""
    with house.engine.begin() as connection:
        for case in connection.execute(sa.select(cases.c.id)).scalars():
            commands.acknowledge_case(connection, case)
