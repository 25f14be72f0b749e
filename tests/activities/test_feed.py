"""The platform feeds while others report and decide: nobody waits for each other in a circle."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
import sqlalchemy as sa
from conftest import agency, creator, feeding, new, person

from activities.command import Request
from activities.feed import parties as feed
from activities.feed import people, stream
from activities.look import Looker
from activities.move.commit import Commit
from activities.rulebooks import Rulebooks
from desk.demo import cast
from desk.door.door import Door
from rulebook.terms import CreatorClass
from states.terms import Role
from store import case as cases
from store import feed as store_feed
from store import text
from store.party import Profile
from store.schema.journal import records
from workers.reach import House

ROUNDS, EACH = 12, 4
PLAIN = Profile(CreatorClass.STANDARD, 1, 0, 0)
VERDICT = {"finding": "violation", "severity": "mild", "reasons": "seen"}


def carried_out(house: House, door: Door, by: str, verb: str, **said: object) -> str:
    """A wish whose commit runs here and now; the case that it is about."""
    with house.engine.begin() as connection:
        command, _, texts = door.sending(by, verb, said, new("key"))
        text.write(connection, texts)
    commit = Commit(house.engine, house.key, Looker(house.client, new("nobody-listens")))
    at = house.clock.now()
    commit._commit(Request(case=command.case, at=at, command=command), lambda: at)  # noqa: SLF001
    return command.case


def deadlocks(house: House) -> int:
    count = "SELECT pg_stat_force_next_flush(), deadlocks FROM pg_stat_database WHERE datname = current_database()"
    with house.engine.connect() as connection:
        return int(connection.execute(sa.text(count)).one().deadlocks)


@pytest.mark.timeout(180)
async def test_feeds_and_commits_never_lock_each_other_out(house: House, door: Door) -> None:
    lotus, _ = await agency(house, "lotus")
    bob, rulebooks = await person(house, Role.AGENT, lotus), Rulebooks()
    kim = await creator(house, lotus, bob)
    mods = [await person(house, Role.MODERATOR) for _ in range(EACH)]

    def fed(work: Callable[..., object], *args: object) -> None:
        with house.engine.begin() as connection:
            work(connection, *args)

    def judged(mod: str) -> None:
        case = carried_out(house, door, "platform", "report", clause="content.gambling", against=kim, details="seen")
        with house.engine.connect() as connection:
            found = cases.read(connection, case)
        assert found is not None
        carried_out(house, door, mod, "claim", case=case)
        carried_out(house, door, mod, "decide", case=case, **VERDICT)

    def managed() -> None:
        fed(feed.management, kim, lotus, None, None, house.clock.now())

    def came_and_went() -> None:
        fed(people.person, rulebooks, bob, people.Fed(Role.AGENT, lotus, (), ()), house.clock.now())
        fed(people.end, rulebooks, bob, house.clock.now())

    said = {"creator": kim, "days": 3, "hours": 2}
    works: list[Callable[[], object]] = [
        lambda: fed(feed.agency, rulebooks, lotus, cast.REGION, house.clock.now()),
        lambda: fed(feed.creator, rulebooks, kim, cast.REGION, PLAIN, None, house.clock.now()),
        managed,
        came_and_went,
        lambda: fed(stream.record, rulebooks, "platform", said, house.clock.now()),
    ]
    before = deadlocks(house)
    with ThreadPoolExecutor(16) as threads:
        works += [partial(judged, mod) for mod in mods]
        doing = [threads.submit(work) for _ in range(ROUNDS) for work in works]
        failed = [error for each in doing if (error := each.exception()) is not None]
    assert failed == []
    assert deadlocks(house) == before


async def test_what_is_fed_again_as_it_was_is_not_written(house: House) -> None:
    lotus, _ = await agency(house, "lotus")

    def rows() -> list[dict[str, str]]:
        with house.engine.connect() as connection:
            query = sa.select(records.c.rows).where(
                records.c.topic == "feed", records.c.rows.has_key(f"agencies/{lotus}")
            )
            return list(connection.execute(query).scalars())

    before = rows()
    with feeding(house) as connection:
        store_feed.agency(connection, lotus, cast.REGION)
    assert len(rows()) == len(before) == 1
