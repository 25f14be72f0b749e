"""The versions of the rulebook in answers: their history, how two differ, and values with their version."""

from datetime import datetime
from typing import Any

from pydantic import ConfigDict, Field, JsonValue

from desk.api.shapes.words import Shown
from rulebook.terms import CreatorClass, SubjectKind
from states.version_terms import VersionStatus


class VersionNamed(Shown):
    key: str
    version: str
    digest: str


class SpellShown(Shown):
    """In these regions it is in force from `since` (none: from the beginning) until another is (none: yet)."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    regions: list[str]
    since: datetime | None
    until: datetime | None


class VersionKnown(VersionNamed):
    """A version: where it stands since when, which it follows, by whom it is, and when it is in force where."""

    status: VersionStatus
    moved_at: datetime
    follows: str | None
    author: str | None
    proposed_by: str | None
    approved_by: str | None
    in_force: list[SpellShown]


class Versions(Shown):
    versions: list[VersionKnown]


class VersionStep(Shown):
    """A move that brought a version to another status; `texts` are what was written at it, by field."""

    number: int
    at: datetime
    event: str = Field(examples=["propose"])
    actor: str
    source: VersionStatus
    target: VersionStatus
    facts: dict[str, Any]
    texts: dict[str, str]


class WaveShown(Shown):
    """A region: from when on it has the version; of how many who live there its wave saw, hit and left so many."""

    region: str
    since: datetime
    living: int
    seen: int
    hit: int
    released: int
    through: bool = Field(description="Nobody is before it, on its way there or back.")


class VersionOpened(VersionNamed):
    """A version: where it stands, what was done with it, from when on each region has it, and how far its wave is."""

    status: VersionStatus
    moves: int = Field(description="How many it has made; its `ETag`.")
    moved_at: datetime
    follows: str | None
    author: str | None
    proposed_by: str | None
    approved_by: str | None
    approval_due_at: datetime | None
    pace: int | None = Field(description="Of its wave, in subjects a second.")
    dates: dict[str, datetime] = Field(description="By region: as proposed, or approved.")
    waves: list[WaveShown]
    timeline: list[VersionStep]
    allowed: list[str] = Field(description="What you can do now.", examples=[["approve", "reject"]])


class VersionHit(Shown):
    """A subject whom a version's wave brought a penalty."""

    subject: str = Field(examples=["lotus"])
    region: str
    key: str = Field(examples=["agency_compliance.watch"])
    starts_at: datetime
    lifted_at: datetime | None


class VersionHits(Shown):
    hits: list[VersionHit]
    next: str | None = Field(description="Give it as `cursor` for the next page.")


class Stated(Shown):
    """A value, where it is stated, and by what right."""

    value: JsonValue
    origin: str = Field(
        description="`default` where no file states a key that came later.", examples=["base", "overlay DE", "default"]
    )
    source: str = Field(examples=["S 001", "illustrative"])


class Changed(Shown):
    """The same change in each of these regions; `before` or `after` is none where the key is not stated."""

    key: str
    regions: list[str]
    before: Stated | None
    after: Stated | None


class Reworded(Shown):
    """A title or text that differs in a language."""

    key: str
    language: str
    regions: list[str]


class VersionDifference(Shown):
    """How two versions differ, in each region that either has; one that only one has is held against the other's base.

    `rewording`, where it is asked for, is a unified diff of titles and texts by language.
    """

    before: VersionNamed
    after: VersionNamed
    regions: list[str]
    added: list[str]
    removed: list[str]
    changes: list[Changed]
    texts: list[Reworded]
    rewording: dict[str, str] | None


class ExplainedValue(Stated):
    """A value that takes effect, of which version, and since when it has been this; none is from the beginning."""

    key: str
    version: VersionNamed
    since: datetime | None


class Explanation(Shown):
    region: str
    at: datetime
    values: list[ExplainedValue]


class _Group(Shown):
    region: str
    kind: SubjectKind
    class_: CreatorClass | None = Field(alias="class")


class TierForecast(Shown):
    """How many carry a penalty before and after; for `hit` of them it begins."""

    penalty: str = Field(examples=["agency_compliance.watch"])
    before: int
    after: int
    hit: int


class GroupForecast(_Group):
    """The subjects of a region, kind and class: for `hit` of them a penalty begins."""

    seen: int
    hit: int
    tiers: list[TierForecast]


class SubjectForecast(_Group):
    """A subject for which these penalties begin."""

    subject: str = Field(examples=["lotus"])
    penalties: list[str]


class VersionForecast(Shown):
    """Of `seen` subjects the version hits so many, if nothing else happens before; above `most_hit` its wave halts."""

    version: str = Field(description="Its digest.")
    at: datetime
    seen: int
    hit: int
    most_hit: int
    figures: list[GroupForecast]
    subjects: list[SubjectForecast]
