"""Notices and incidents in answers."""

from typing import Any

from pydantic import Field

from desk.api.shapes.words import Instant, Shown


class Notice(Shown):
    """A notice as it was told: its template's key, and its words."""

    case: str | None = Field(description="The case that it is about.")
    version: str | None = Field(description="Or the version of the rulebook, by its digest.")
    about: str | None = Field(description="For which agency or creator the version changed something.")
    template: str = Field(examples=["verdict.violation"])
    at: Instant
    subject: str
    body: str


class Notices(Shown):
    notices: list[Notice]
    next: str | None = Field(description="Give it as `cursor` for the next page.")


class Incident(Shown):
    """What ops must look at."""

    id: int
    kind: str = Field(examples=["platform_refused"])
    case: str | None
    subject: str | None
    facts: dict[str, Any]
    at: Instant


class Incidents(Shown):
    incidents: list[Incident]
    next: str | None = Field(description="Give it as `cursor` for the next page.")
