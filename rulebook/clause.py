"""What is forbidden? The clauses of the policy and the penalties that a breach or its repetition brings."""

from typing import Annotated, Literal

from pydantic import Field

from rulebook.provenance import Count, Flag, Key, Points, Provenance
from rulebook.span import Span
from rulebook.terms import ORDINARY, PRIORITIES, Family, PenaltyKind, Restriction, Severity, SubjectKind
from rulebook.wording import Wording


class Clause(Provenance):
    """A rule that can be broken; `base_penalty` names a penalty by severity, none where a severity is left out (§2.9).

    `attributed_via` says whose violations are charged to the agency too: those of its agents, of its creators.
    `evidence` says whether a report must bring a file; versions from before there were files don't state it.
    `priority` says which cases are reviewed first: 1 before all others; a case keeps that of its filing.
    `appeals_window` is how long a verdict of it can be appealed; where it says nothing the procedure's stands (§5.4).
    One that is not `enforced` is on trial: its violations are found and shown, and bring nothing that is enforced; only
    in a score that is on trial as well do they cost points.
    """

    key: Key
    family: Family
    charged_to: SubjectKind
    reported_by: Literal["agency", "platform"]
    attributed_via: frozenset[Literal["agent", "creator"]] = frozenset()
    base_penalty: dict[Severity, Key] = Field(default_factory=dict)
    evidence: Literal["required", "optional"] = "optional"
    priority: Annotated[int, Field(strict=True, ge=PRIORITIES[0], le=PRIORITIES[-1])] = ORDINARY
    appeals_window: Span | None = None
    enforced: Flag = True
    title: Wording
    text: Wording


class Word(Provenance):
    """A restriction that penalties may name, and what it withholds (§2.7)."""

    key: Restriction
    text: Wording


class Penalty(Provenance):
    """A set of restrictions with its text, and how long it `lasts`, or that it is `for_good` (§2.7).

    A score penalty is in force as long as the score carries it; one that states how long ends after that time, and
    comes again once the score has been above the line.
    """

    key: Key
    kind: PenaltyKind
    lasts: Span | None = None
    for_good: Flag = False
    restrictions: frozenset[Restriction]
    text: Wording

    @property
    def means(self) -> tuple[tuple[str, ...], Span | None]:
        """What it restricts, and how long it lasts: another version may mean something else by the same key."""
        return tuple(sorted(self.restrictions)), self.lasts


class Repetition(Provenance):
    """What is counted, and whom its `penalty` hits: of one `clause`, of one `family`, or of `every_clause`.

    Counted is what the agency is concerned with, or (`whose: subject`) what the violation's own subject did; hit is the
    agency, or (`charges: subject`) that subject. A violation that completes it brings the penalty, and none of those
    that the penalty stands `instead_of`. `rulebook/repetition.py` says which of these can't mean what they say.
    One that is not `enforced` is on trial: its penalty is only counted.
    """

    key: Key
    clause: Key | None = None
    family: Family | None = None
    every_clause: Flag = False
    whose: Literal["agency", "subject"] = "agency"
    charges: Literal["agency", "subject"] = "agency"
    count: Count
    penalty: Key
    instead_of: frozenset[Key] = frozenset()
    enforced: Flag = True

    def counts_of(self, clause: Clause) -> bool:
        """Whether it counts violations of a clause."""
        return self.every_clause or clause.key == self.clause or clause.family == self.family


class ViolationTrigger(Repetition):
    """Standing violations within a span; the first `spares` of all that are counted bring nothing here (§2.7)."""

    counts: Literal["violations"]
    within: Span
    spares: Points = 0


class CreatorTrigger(Repetition):
    """Different creators of the agency with standing violations in a month (§2.7)."""

    counts: Literal["creators"]
    within: Literal["calendar month"]


Trigger = Annotated[ViolationTrigger | CreatorTrigger, Field(discriminator="counts")]


class Statute(Provenance):
    """A number of the law that a region's policy was written under; it is shown, and decides nothing by itself (§8)."""

    key: Key
    text: Wording
