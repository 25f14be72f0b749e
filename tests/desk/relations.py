"""Who stands to whom: two agencies here and one elsewhere, somebody of each role, and what is theirs or is not."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Self

from conftest import feeding, new, send
from seeing import sees

from desk.door.door import Door
from rulebook.terms import CreatorClass
from states.sight import Resource
from states.situation import Actor
from states.terms import Role
from store import feed, party
from store.party import Profile
from workers.reach import House

RELATIONS = ("own", "other agent's", "other agency's", "other region's", "closed", "not existing")
HERE, THERE = "VN", "DE"
PLAIN = Profile(CreatorClass.STANDARD, 1, 0, 0)
PEOPLE = tuple(role for role in Role if role not in {Role.CLOCK, Role.ENGINE})
_OF_LOTUS = {Role.OWNER, Role.TEAM_LEAD, Role.AGENT, Role.CREATOR}


@dataclass
class Relations:
    """Who acts by role, and by relation to the agent of `actors` a report of the platform's and whom it is against."""

    house: House
    actors: dict[Role, Actor] = field(default_factory=dict)
    cases: dict[str, str] = field(default_factory=dict)
    subjects: dict[str, str] = field(default_factory=dict)

    @classmethod
    async def made(cls, house: House, door: Door) -> Self:
        """With new people and cases."""
        relations = cls(house)
        relations._people()
        await relations._cases(door)
        return relations

    def _people(self) -> None:
        lotus, jade, rose = new("lotus"), new("jade"), new("rose")
        names = {role: new(role) for role in PEOPLE}
        names[Role.PLATFORM] = "platform"
        eve = new("eve")
        with feeding(self.house) as connection:
            for agency, region in ((lotus, HERE), (jade, HERE), (rose, THERE)):
                feed.agency(connection, agency, region)
            for role in (Role.OWNER, Role.TEAM_LEAD, Role.AGENT):
                feed.person(connection, names[role], role, agency=lotus)
            feed.person(connection, eve, Role.AGENT, agency=lotus)
            others = {new("tom"): (lotus, eve, HERE), new("joe"): (jade, None, HERE), new("ros"): (rose, None, THERE)}
            own = {names[Role.CREATOR]: (lotus, names[Role.AGENT], HERE)}
            for creator, (agency, agent, region) in (own | others).items():
                feed.creator(connection, creator, region, PLAIN)
                feed.management(connection, creator, agency, agent)
            for role in PEOPLE:
                if role not in _OF_LOTUS | {Role.PLATFORM}:
                    feed.person(connection, names[role], role, regions=[HERE])
        with self.house.engine.connect() as connection:
            for role, name in names.items():
                actor = party.actor(connection, name)
                assert actor is not None
                self.actors[role] = actor
        self.subjects = dict(zip(RELATIONS[:4], (*own, *others), strict=True))
        self.subjects |= {"closed": names[Role.CREATOR], "not existing": "nobody.here"}

    async def _cases(self, door: Door) -> None:
        said = {"clause": "content.gambling", "details": "seen on stream", "severity": "mild"}
        for relation in RELATIONS[:5]:
            told = await send(door, "platform", "report", against=self.subjects[relation], **said)
            self.cases[relation] = told["case"]
        await send(door, "platform", "withdraw", case=self.cases["closed"])
        self.cases["not existing"] = "report-00000000000000000000"

    def refused(self, actor: Actor, relation: str, resource: Resource) -> tuple[int, str] | None:
        """As what a case or subject in a relation is refused to the actor, by the rules of sight; None: they see it.

        What is not seen is as what is not there; only staff are told that a case lies outside their regions.
        """
        facts = self._facts(relation, resource)
        if facts is not None and sees(actor, resource, facts):
            return None
        reviews = actor.role in {Role.MODERATOR, Role.SENIOR_MODERATOR}
        if facts is not None and resource is Resource.CASE and reviews:
            return 403, "forbidden"
        return 404, "not_found"

    def _facts(self, relation: str, resource: Resource) -> dict[str, str | None] | None:
        now = self.house.clock.now() + timedelta(seconds=1)
        with self.house.engine.connect() as connection:
            subject = party.subject(connection, self.subjects[relation])
            if subject is None:
                return None
            managed = party.management(connection, subject.id, now)
        if resource is Resource.SUBJECT:
            return {"id": subject.id, "region": subject.region, "agency": managed.agency, "agent": managed.agent}
        return {
            "kind": "report",
            "region": subject.region,
            "filed_by": "platform",
            "filed_agency": None,
            "filed_side": "reporter",
            "respondent": subject.id,
            "agency": managed.agency,
            "agent": managed.agent,
            "manager": managed.agent,
            "reporter": "platform",
        }
