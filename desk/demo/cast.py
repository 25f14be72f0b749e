"""The cast of a demo: two agencies, two creators, two moderators, two seniors, and ops."""

from datetime import datetime

from sqlalchemy import Connection

from rulebook.terms import CreatorClass
from states.terms import Role
from store import feed, journal
from store.party import Profile

REGION = "VN"
AGENCIES = {
    "lotus": {"ann": Role.OWNER, "lee": Role.TEAM_LEAD, "bob": Role.AGENT, "eve": Role.AGENT},
    "jade": {"jan": Role.OWNER},
}
CREATORS = {"kim": "bob", "tom": "eve"}
STAFF = {
    "mia": Role.MODERATOR,
    "max": Role.MODERATOR,
    "sam": Role.SENIOR_MODERATOR,
    "sue": Role.SENIOR_MODERATOR,
    "oli": Role.OPS,
}


def introduce(connection: Connection, now: datetime) -> None:
    """Put the demo cast into the database; it may be there already."""
    with journal.recording(connection, "feed", now):
        for agency, people in AGENCIES.items():
            feed.agency(connection, agency, REGION)
            for person, role in people.items():
                feed.person(connection, person, role, agency=agency)
        for creator, agent in CREATORS.items():
            feed.creator(connection, creator, REGION, Profile(CreatorClass.STANDARD, 1, 0, 0))
            feed.management(connection, creator, "lotus", agent)
        for person, role in STAFF.items():
            feed.person(connection, person, role, regions=[REGION])
