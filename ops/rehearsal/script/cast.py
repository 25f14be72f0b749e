"""The cast of a scenario: its agencies, creators and staff."""

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, StrictInt, model_validator

from ops.rehearsal.script.malformed import FlawError, Written, near, shown
from rulebook import characters
from rulebook.characters import CharacterError
from rulebook.terms import CreatorClass
from states.terms import Role

PLATFORM = "platform"

StaffRole = Literal[
    Role.MODERATOR, Role.SENIOR_MODERATOR, Role.POLICY_EDITOR, Role.POLICY_APPROVER, Role.OPS, Role.AUDITOR
]
Count = Annotated[StrictInt, Field(ge=0)]


class Agency(Written):
    """`agents` maps an agent to the creators that this agent manages."""

    region: str
    owner: str
    leads: list[str] = Field(default_factory=list)
    agents: dict[str, list[str]] = Field(default_factory=dict)


class Creator(Written):
    """`agency` is also set where the file says it only by listing the creator with an agent."""

    agency: str | None = None
    class_: CreatorClass = Field(default=CreatorClass.STANDARD, alias="class")
    level: Annotated[StrictInt, Field(ge=1, le=3)] = 1
    followers: Count = 0
    average_viewers: Count = 0


class Staff(Written):
    role: StaffRole
    regions: list[str] = Field(default_factory=list)


class Cast(Written):
    """Names are unique in the whole cast, and a managed creator belongs to the agent's agency."""

    agencies: dict[str, Agency] = Field(default_factory=dict)
    creators: dict[str, Creator] = Field(default_factory=dict)
    staff: dict[str, Staff] = Field(default_factory=dict)

    @property
    def people(self) -> frozenset[str]:
        """Whoever can be a step's `by`, the platform among them."""
        named = {name for name, place in self._names() if place != f"cast.agencies.{name}"}
        return frozenset(named | {PLATFORM})

    @property
    def subjects(self) -> frozenset[str]:
        """Whatever has a score: agencies and creators."""
        return frozenset({*self.agencies, *self.creators})

    def agent_of(self, creator: str) -> str | None:
        """The agent who manages this creator, if any."""
        managed = (agent for _, agent, _, name in self._managed() if name == creator)
        return next(managed, None)

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        self._refuse_twins()
        self._refuse_strange_agencies()
        agents: dict[str, str] = {}
        for agency, agent, place, name in self._managed():
            creator = self.creators.get(name)
            if creator is None:
                raise FlawError(place, f"no creator {shown(name)} in the cast{near(name, self.creators)}")
            if creator.agency not in {None, agency}:
                raise FlawError(place, f"{name} belongs to {creator.agency}, not to {agency}")
            if name in agents:
                raise FlawError(place, f"{name} is already managed by {agents[name]}")
            agents[name] = agent
            self.creators[name] = creator.model_copy(update={"agency": agency})
        return self

    def _refuse_twins(self) -> None:
        seen: dict[str, str] = {}
        for name, place in self._names():
            _must_be_a_name(name, place)
            if name == PLATFORM:
                raise FlawError(place, f"the name {PLATFORM} is reserved")
            if name in seen:
                raise FlawError(place, f"the name {shown(name)} is already taken by {seen[name]}")
            seen[name] = place

    def _refuse_strange_agencies(self) -> None:
        for name, creator in self.creators.items():
            if creator.agency is not None and creator.agency not in self.agencies:
                message = f"no agency {shown(creator.agency)} in the cast{near(creator.agency, self.agencies)}"
                raise FlawError(f"cast.creators.{name}.agency", message)

    def _names(self) -> Iterator[tuple[str, str]]:
        for name, agency in self.agencies.items():
            place = f"cast.agencies.{name}"
            yield name, place
            yield agency.owner, f"{place}.owner"
            yield from ((lead, f"{place}.leads") for lead in agency.leads)
            yield from ((agent, f"{place}.agents.{agent}") for agent in agency.agents)
        yield from ((name, f"cast.creators.{name}") for name in self.creators)
        yield from ((name, f"cast.staff.{name}") for name in self.staff)

    def _managed(self) -> Iterator[tuple[str, str, str, str]]:
        for name, agency in self.agencies.items():
            for agent, creators in agency.agents.items():
                for creator in creators:
                    yield name, agent, f"cast.agencies.{name}.agents.{agent}", creator


def _must_be_a_name(written: str, place: str) -> None:
    try:
        characters.name(written)
    except CharacterError:
        at = place.removesuffix(f".{written}")
        raise FlawError(at, f"{shown(written)} is no name: one line, without characters that nobody sees") from None
