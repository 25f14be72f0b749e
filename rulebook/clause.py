"""What is forbidden? The clauses of the policy and the penalties that a breach or its repetition brings."""

from typing import Annotated, Literal

from pydantic import Field

from rulebook.provenance import Count, Key, Provenance
from rulebook.span import Span
from rulebook.terms import ORDINARY, PRIORITIES, Family, PenaltyKind, Restriction, Severity, SubjectKind
from rulebook.wording import Wording


class Clause(Provenance):
    """A rule that can be broken; `base_penalty` names a penalty by severity, none where a severity is left out (§2.9).

    `attributed_via` says whose violations are charged to the agency too: those of its agents, of its creators.
    `evidence` says whether a report must bring a file; versions from before there were files don't state it.
    `priority` says which cases are reviewed first: 1 before all others; a case keeps that of its filing.
    `appeals_window` is how long a verdict of it can be appealed; where it says nothing the procedure's stands (§5.4).
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
    title: Wording
    text: Wording


class Penalty(Provenance):
    """A set of restrictions with its text; `lasts` is none where a score carries it (§2.7)."""

    key: Key
    kind: PenaltyKind
    lasts: Span | None = None
    restrictions: frozenset[Restriction]
    text: Wording


class ViolationTrigger(Provenance):
    """The additional penalty of `count` standing violations of one clause within a span (§2.7)."""

    key: Key
    counts: Literal["violations"]
    clause: Key
    count: Count
    within: Span
    penalty: Key


class CreatorTrigger(Provenance):
    """The additional penalty of `count` different creators with standing violations of one family in a month (§2.7)."""

    key: Key
    counts: Literal["creators"]
    family: Family
    count: Count
    within: Literal["calendar month"]
    penalty: Key


Trigger = Annotated[ViolationTrigger | CreatorTrigger, Field(discriminator="counts")]


class Statute(Provenance):
    """A number of the law that a region's policy was written under; it is shown, and decides nothing by itself (§8)."""

    key: Key
    text: Wording
