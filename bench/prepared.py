"""What the console's pages show when they are measured: a story with copies, and reports that wait to be decided."""

from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from sqlalchemy import Engine

from bench.life import DETAILS
from bench.reads import copy, story
from desk.demo import cast
from desk.door.door import Door
from desk.identity.sessions import COOKIE, Sessions
from states.terms import Role
from store import feed, journal
from workers.reach import House

# A story has one report that waits, and one in review: so many more fill pages of both lists.
COPIES = 120
# Reports that are decided one after the other, in a region of their own; an agency files at most thirty a month.
REGION, REVIEWER, OF_AN_AGENCY = "US", "nia", 20


async def prepare(here: House, turns: int) -> str:
    """The story with copies of it, and reports for all turns; give the case that is looked at."""
    agencies = turns // OF_AN_AGENCY + 2
    with here.engine.begin() as connection:
        now = here.clock.now()
        cast.introduce(connection, now)
        with journal.recording(connection, "feed", now):
            for number in range(agencies):
                feed.agency(connection, f"agency{number}", REGION)
                feed.person(connection, f"owner{number}", Role.OWNER, agency=f"agency{number}")
            feed.person(connection, REVIEWER, Role.MODERATOR, regions=[REGION])
    async with Door.of(here) as door:
        case = await story(door)
        for number in range(turns + 1):
            filer = number // OF_AN_AGENCY
            about = {"clause": "agency.poaching", "against": f"agency{filer + 1}", "details": DETAILS}
            await door.send(f"owner{filer}", "report", about, key=f"next {number}")
    _fill(here.engine)
    return case


def _fill(engine: Engine) -> None:
    with engine.begin() as connection:
        copy(connection, COPIES)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("VACUUM ANALYZE"))


def sessions(here: House, people: Sequence[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """The headers by which the console knows each of them."""
    begun = Sessions(here.clock.now)
    with here.engine.begin() as connection:
        for person in people:
            token, _ = begun.begin(connection, person, here.clock.now())
            yield person, {"Cookie": f"{COOKIE}={token}", "Origin": here.settings.origin}
