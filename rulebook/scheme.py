"""How is a score counted? Its bounds, prices, recovery and tiers (§2 and §3)."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from rulebook.calendar import PeriodKind
from rulebook.provenance import Count, Flag, Key, Points, Provenance
from rulebook.terms import CreatorClass, Severity, SubjectKind


class Bounds(Provenance):
    """Where a score starts and its highest value, in points; for agencies there is one, for creators one a class."""

    key: Literal["agency"] | CreatorClass
    start: Points
    cap: Points


class RankPricing(Provenance):
    """Prices by rank in the period: the first violation costs the first number; the last number repeats (§2.3).

    Which violation is the first is computed in `rulebook/score.py`.
    """

    by: Literal["rank"]
    points: Annotated[tuple[Points, ...], Field(min_length=1)]


class Bracket(Provenance):
    """A surcharge in points where followers or average viewers are over these numbers (§3.2)."""

    key: Key
    points: Points
    followers_over: Points
    average_viewers_over: Points


class MatrixPricing(Provenance):
    """Prices by severity (row) and creator level (column, from 1), and the audience surcharge on top (§3.2)."""

    by: Literal["severity and level"]
    matrix: dict[Severity, Annotated[tuple[Points, ...], Field(min_length=1)]]
    surcharge: tuple[Bracket, ...] = ()


class Recovery(Provenance):
    """`points` for every `days` cumulative days with at least `hours` streamed and no violation on them (§3.4)."""

    points: Count
    days: Count
    hours: Annotated[Decimal, Field(gt=0, le=24)]


class Tier(Provenance):
    """A score penalty and the line at which it begins (§2.5, §3.3); one that is not `enforced` is on trial."""

    key: Key
    at: Literal["at or below", "below"]
    threshold: Points
    penalty: Key
    enforced: Flag = True

    @property
    def highest(self) -> int:
        """The highest score, in points, at which the tier applies."""
        return self.threshold if self.at == "at or below" else self.threshold - 1


class ScoreScheme(Provenance):
    """One score: `agency_compliance` or `creator_health`. Tiers stand from the highest line to the lowest.

    One that is not `enforced` is on trial, and so are its tiers: points are counted, penalties not carried out (§3.5).
    """

    key: Key
    subject: SubjectKind
    floor: Points
    period: PeriodKind
    bounds: Annotated[tuple[Bounds, ...], Field(min_length=1)]
    pricing: Annotated[RankPricing | MatrixPricing, Field(discriminator="by")]
    recovery: Recovery | None = None
    tiers: tuple[Tier, ...] = ()
    enforced: Flag = True

    def bounds_of(self, creator_class: CreatorClass | None) -> Bounds:
        """Give the bounds of a class, `standard` where none is named; an agency's are the same for all."""
        wanted = "agency" if self.subject is SubjectKind.AGENCY else creator_class or CreatorClass.STANDARD
        return next(bounds for bounds in self.bounds if bounds.key == wanted)
