"""Agencies, people and creators in answers, and what was fed of a creator."""

from datetime import date
from typing import Annotated

from pydantic import Field

from desk.api.shapes.words import Instant, Shown
from rulebook.terms import CreatorClass
from states.terms import Role

Next = Annotated[str | None, Field(description="Give it as `cursor` for the next page.")]
Since = Annotated[Instant | None, Field(description="Null: always.")]


class AgencyShown(Shown):
    id: str
    region: str


class AgenciesShown(Shown):
    agencies: list[AgencyShown]
    next: Next


class PersonShown(Shown):
    """One of an agency's people or of the staff; since when in this role and agency, and since when gone."""

    id: str
    role: Role
    agency: str | None
    regions: list[str]
    languages: list[str] = Field(description="None: all.")
    since: Since
    ended_at: Instant | None


class PeopleShown(Shown):
    people: list[PersonShown]
    next: Next


class Facts(Shown):
    """What a creator's price depends on, since when."""

    class_: CreatorClass = Field(alias="class")
    level: int
    followers: int
    average_viewers: int
    since: Since


class CreatorShown(Shown):
    """A creator: what its price depends on since when, and who manages it since when."""

    id: str
    region: str
    class_: CreatorClass | None = Field(alias="class")
    level: int | None
    followers: int | None
    average_viewers: int | None
    since: Since
    agency: str | None
    agent: str | None
    managed_since: Since


class CreatorsShown(Shown):
    creators: list[CreatorShown]
    next: Next


class FactsShown(Shown):
    creator: str
    facts: list[Facts]
    next: Next


class Managed(Shown):
    """Who manages a creator since then; without an agency nobody."""

    agency: str | None
    agent: str | None
    since: Since


class ManagementShown(Shown):
    creator: str
    management: list[Managed]
    next: Next


class StreamedShown(Shown):
    """The hours of a local day."""

    day: date
    hours: float


class DaysShown(Shown):
    creator: str
    days: list[StreamedShown]
    next: Next
