"""What does the table look at? Facts about the case, the person and the wish; nothing here is computed from a clock."""

from dataclasses import dataclass, field
from datetime import datetime

from states.terms import Finding, Kind, Outcome, Role, Side, Status


@dataclass(frozen=True)
class Actor:
    """Who acts. `regions` and `languages` are those of staff (no languages: all); `agency` is that of its people.

    `since` is when they came to their role and agency from others (none: they had no others).
    """

    id: str
    role: Role
    agency: str | None = None
    regions: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    since: datetime | None = None


CLOCK = Actor("clock", Role.CLOCK)
ENGINE = Actor("engine", Role.ENGINE)


@dataclass(frozen=True)
class Wish:
    """What a command asks for, as far as the table must know it.

    `second_vote`: the rulebook wants one for this verdict; `severe`: it finds a severe violation; `again`: a closed
    report is filed again.
    """

    finding: Finding | None = None
    second_vote: bool = False
    extra: int = 0
    outcome: Outcome | None = None
    severe: bool = False
    again: bool = False


NO_WISH = Wish()


@dataclass(frozen=True)
class Standpoint:
    """How the actor stands to the case: `side` is the party whose people the actor belongs to, if any."""

    sees: bool = True
    side: Side | None = None
    filer: bool = False
    leads_filer: bool = False
    own_agency: bool = False


NOBODY = Standpoint()


@dataclass(frozen=True)
class Window:
    """What is known about appealing a report: the verdict's finding, the window, and whether an appeal is alive."""

    status: Status
    finding: Finding | None = None
    outcome: Outcome | None = None
    ends_at: datetime | None = None
    closed_at: datetime | None = None
    live_appeal: bool = False
    by_reporter: bool = False


@dataclass
class Situation:
    """The model that the machine moves: only `status` ever changes, and only by the machine.

    `barred` are the people who may not take this case, `deciders` those who had a part in its verdicts; `joined` says
    whether duplicates were joined to it; `window` is the report's, also of an appeal.
    """

    kind: Kind
    status: Status
    region: str
    claimed_by: str | None = None
    escalated: bool = False
    proposer: str | None = None
    asked: Side | None = None
    finding: Finding | None = None
    barred: frozenset[str] = frozenset()
    deciders: frozenset[str] = frozenset()
    joined: bool = False
    window: Window | None = None
    now: datetime | None = None
    slots_left: int | None = None
    quota_opens: datetime | None = None
    actor: Actor = ENGINE
    wish: Wish = NO_WISH
    standpoint: Standpoint = NOBODY
    dues: dict[str, datetime | None] = field(default_factory=dict)
