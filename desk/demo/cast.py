"""The cast of a demo: two agencies, two creators, two moderators, two seniors, policy makers and ops."""

from datetime import datetime

from sqlalchemy import Connection

from rulebook.terms import CreatorClass
from states.terms import Role
from store import feed, journal, party
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
    "eva": Role.POLICY_EDITOR,
    "paul": Role.POLICY_APPROVER,
    "oli": Role.OPS,
}


def introduce(connection: Connection, now: datetime) -> None:
    """Put the demo cast into the database. Who is there already stays as the platform has fed them since."""
    agencies = [name for name in AGENCIES if party.subject(connection, name) is None]
    creators = {name: agent for name, agent in CREATORS.items() if party.subject(connection, name) is None}
    with journal.recording(connection, "feed", now):
        for agency in agencies:
            feed.agency(connection, agency, REGION)
        for agency, people in AGENCIES.items():
            for person, role in _new(connection, people).items():
                feed.person(connection, person, role, agency=agency)
        for creator, agent in creators.items():
            feed.creator(connection, creator, REGION, Profile(CreatorClass.STANDARD, 1, 0, 0))
            feed.management(connection, creator, "lotus", agent)
        for person, role in _new(connection, STAFF).items():
            feed.person(connection, person, role, regions=[REGION])


def _new(connection: Connection, people: dict[str, Role]) -> dict[str, Role]:
    return {name: role for name, role in people.items() if party.person(connection, name) is None}
