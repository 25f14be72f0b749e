"""Who is near a line, in answers: an agency's creators and agents, with their distance to the next tier."""

from pydantic import Field

from desk.api.shapes.words import Shown


class CreatorStandsShown(Shown):
    """A creator's score in points, and how it stands to the lines of the tiers."""

    id: str
    agent: str | None = Field(description="Who manages the creator now.")
    score: int
    cap: int
    tier: str | None = Field(description="The lowest tier that the score has come to.", examples=["limited"])
    next_in: int | None = Field(description="How many points less bring the next tier.")
    left_by: int | None = Field(description="How many points more end this tier.")
    open: int = Field(description="Cases against the creator that are not closed.")
    recovers_in: int | None = Field(description="How many more clean days give points back; null at the cap.")


class AgentStandsShown(Shown):
    """An agent: the creators whom it manages now, and the open cases that concern it."""

    id: str
    creators: int
    score: int | None = Field(description="The lowest of the creators' scores.")
    next_in: int | None = Field(description="The least distance of one of them to the next tier, in points.")
    open: int = Field(description="Open cases in which the agent was reported, or managed the respondent then.")
    recovers_in: int | None = Field(description="The fewest clean days that give one of them points back.")


class StandingsShown(Shown):
    """An agency's creators and agents in the order asked for; the agents are all there on each page."""

    agency: str
    creators: list[CreatorStandsShown]
    agents: list[AgentStandsShown]
    next: str | None = Field(description="Give it as `cursor` for the next page.")
