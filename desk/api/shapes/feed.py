"""What the platform feeds: agencies, people, creators, who manages whom, streamed days, violations."""

import re
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from activities.entered import Evidence, Name, Text
from activities.feed.stream import MOST_DAYS, Day
from activities.move import input as inputs
from desk.api.shapes.moves import FILES, REFERENCE
from desk.api.shapes.words import MOST_EXACT, WHOLE, Asked, Instant, Regions, Shown
from rulebook.terms import REGION, CreatorClass, Language, Severity
from states.terms import Code, Role

Region = Annotated[str, Field(pattern=REGION, examples=["VN"])]
Count = Annotated[int, Field(strict=True, ge=0, le=MOST_EXACT), WHOLE]
_HOURS = r"^(24(\.00?)?|(2[0-3]|1?[0-9])(\.[0-9]{1,2})?)$"


def _hours(value: object) -> object:
    if isinstance(value, bool) or (isinstance(value, str) and not re.fullmatch(_HOURS, value, re.ASCII)):
        raise PydanticCustomError("hours", "no hours")
    return value


Hours = Annotated[
    Decimal,
    BeforeValidator(_hours),
    Field(ge=0, le=24, decimal_places=2),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "minimum": 0, "maximum": 24, "multipleOf": 0.01},
                {"type": "string", "pattern": _HOURS},
            ]
        }
    ),
]
FedRole = Literal[
    Role.OWNER, Role.TEAM_LEAD, Role.AGENT, Role.MODERATOR, Role.SENIOR_MODERATOR, Role.POLICY_EDITOR,
    Role.POLICY_APPROVER, Role.OPS, Role.AUDITOR,
]  # fmt: skip


class Agency(Asked):
    region: Region


class Person(Asked):
    """An agency's person has an `agency`; staff have regions (reviewers at least one) and languages (none: all)."""

    role: FedRole
    agency: Name | None = None
    regions: Regions = []
    languages: Annotated[list[Language], Field(max_length=50)] = []


class Creator(Asked):
    """A creator; what its price depends on is true since `since` (default: the first time always, then now)."""

    region: Region
    class_: CreatorClass = Field(default=CreatorClass.STANDARD, alias="class")
    level: Annotated[int, Field(strict=True, ge=1, le=3), WHOLE] = 1
    followers: Count = 0
    average_viewers: Count = 0
    since: Instant | None = None


class Management(Asked):
    """Who manages the creator since then (default: now); without an agency nobody."""

    agency: Name | None
    agent: Name | None = None
    since: Instant | None = None


class StreamedDay(Asked):
    """The hours of a stream on a local day of the creator's region."""

    day: Day
    hours: Hours


class StreamingDays(Asked):
    """Streams by their days (`dates`; several of one day add up), or `hours` on each of `days` days that end today."""

    # Left out where it is not said: what older desks stored under a key was hashed without it.
    dates: Annotated[list[StreamedDay], Field(min_length=1, max_length=MOST_DAYS)] | None = Field(
        default=None, exclude_if=lambda dates: dates is None
    )
    days: Annotated[int, Field(strict=True, ge=1, le=MOST_DAYS), WHOLE] | None = None
    hours: Hours | None = None


class Fed(Shown):
    """What was fed."""

    fed: str = Field(examples=["creators/kim"])


class Violation(Asked):
    """A creator's violation that the platform saw: it comes in as a report without a quota."""

    clause: Name = Field(examples=["content.gambling"])
    against: Name = Field(examples=["kim"])
    occurred: Instant | None = None
    severity: Severity | None = None
    language: Language | None = None
    reference: Name | None = Field(default=None, description=REFERENCE, examples=["strike-2026-118"])
    details: Text
    evidence: Evidence = Field(default=None, description=FILES)

    def input(self) -> inputs.Report:
        """The report that it comes in as."""
        return inputs.Report.taken_from(self)

    def asked(self) -> dict[str, Any]:
        """The line as JSON, by whose hash another one is told apart; without `reference`, as before there were any."""
        return self.model_dump(mode="json", exclude=set() if self.reference else {"reference"})


class Violations(Asked):
    violations: Annotated[list[Violation], Field(min_length=1, max_length=1000)]


class LineResult(Shown):
    """What became of one line: the case that it opened, or why it was refused."""

    line: int = Field(description="From 0, as the lines were sent.")
    status: int = Field(examples=[201])
    case: str | None = None
    code: Code | None = None
    detail: str | None = None
    field: str | None = None


class LineResults(Shown):
    done: int
    refused: int
    lines: list[LineResult]
