"""What may happen to a version of the rulebook? `docs/domain.md` §7 and §8.

A draft and a proposal have no effect. An approved version is the end of a chain, in which each follows the one before,
and takes force at its date by a wave that reaches one subject after the other. People make their moves under the lock
of the version's row; time's are made by its courier.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from states.situation import ENGINE, Actor
from states.table import Law, Requirement, Row, Table
from states.terms import Code, RefusedError, Role
from states.version_terms import VersionStatus


class Maker(StrEnum):
    """Who makes a move of a version. `second`: of the people that propose and approve, one without a part in it."""

    EDITOR = "a policy editor"
    AUTHOR = "its author"
    SECOND = "a policy approver without a part in it"
    APPROVER = "a policy approver"
    HALTER = "a policy approver or ops"
    CLOCK = "time"
    ENGINE = "at once"
    FOLLOWER = "the version that follows"


BY_PEOPLE = frozenset(Maker) - {Maker.CLOCK, Maker.ENGINE, Maker.FOLLOWER}


@dataclass
class VersionSituation:
    """What the table looks at; only `status` ever changes, and only by the machine.

    `author` and `proposer` are people; a version that the product brought has no author. `follows` is what it was
    written to follow, `newest` the end of the chain, both by digest; `follower` is the approved version that follows
    it, and `before_goes` says that the one before is being taken back. `since` is the earliest date at which a region
    has it, `turn_has_come` that the one before is in force in all.
    `left`: its wave has regions or subjects before it. It has `hit` so many, of `most_hit` (none: it may hit any,
    as one that has stopped itself before). `broken`: a batch failed, and would fail again.
    """

    status: VersionStatus
    actor: Actor = ENGINE
    now: datetime | None = None
    author: str | None = None
    proposer: str | None = None
    follows: str | None = None
    newest: str | None = None
    follower: str | None = None
    before_goes: bool = False
    since: datetime | None = None
    turn_has_come: bool = True
    left: bool = False
    hit: int = 0
    most_hit: int | None = None
    broken: bool = False
    dues: dict[str, datetime | None] = field(default_factory=dict)


Need = Requirement[VersionSituation]
VersionRow = Row[VersionStatus, VersionStatus, VersionSituation]
VersionTable = Table[VersionStatus, VersionStatus, VersionSituation]


def brought(s: VersionSituation) -> bool:
    """The product brought it with it: nobody is its author."""
    return s.author is None


def first_of_all(s: VersionSituation) -> bool:
    """There is no rulebook yet: what the product brings is in force at once."""
    return s.newest is None


def in_time(s: VersionSituation) -> bool:
    """The proposal has not lapsed."""
    due = s.dues.get("approval_due_at")
    return due is None or s.now is None or s.now < due


def date_not_come(s: VersionSituation) -> bool:
    """No region has it in force yet: nobody was judged by it."""
    return s.since is not None and s.now is not None and s.now < s.since


def date_has_come(s: VersionSituation) -> bool:
    """A region has it in force: somebody may have been judged by it."""
    return s.since is not None and s.now is not None and s.now >= s.since


def follows_one(s: VersionSituation) -> bool:
    """There is a version before it, whose rules hold again."""
    return s.follows is not None


def before_stays(s: VersionSituation) -> bool:
    """The version that it follows is not being taken back, so it will still be there to be followed."""
    return not s.before_goes


def turn_has_come(s: VersionSituation) -> bool:
    """The version before is in force everywhere, so no other wave runs."""
    return s.turn_has_come


def some_left(s: VersionSituation) -> bool:
    """The wave has subjects, or regions whose date has not come, before it."""
    return s.left


def none_left(s: VersionSituation) -> bool:
    """The wave is through."""
    return not s.left


def hits_too_many(s: VersionSituation) -> bool:
    """More subjects got another penalty than was forecast, and the margin allows."""
    return s.most_hit is not None and s.hit > s.most_hit


def broken(s: VersionSituation) -> bool:
    """A batch failed by itself, not because somebody else held what it needs."""
    return s.broken


def stands_still(s: VersionSituation) -> bool:
    """No batch is due: the wave waits for people."""
    return s.dues.get("batch_due_at") is None


def _role(roles: frozenset[Role], key: str) -> Need:
    return Need(Code.FORBIDDEN, key, lambda s: s.actor.role in roles)


_EDITOR = _role(frozenset({Role.POLICY_EDITOR}), "only_editors")
_APPROVER = _role(frozenset({Role.POLICY_APPROVER}), "only_approvers")
_OWN = Need(Code.FORBIDDEN, "only_author", lambda s: s.author in {None, s.actor.id})
_NO_PART = Need(Code.SAME_PERSON, "approves_own", lambda s: s.actor.id not in {s.author, s.proposer})

_REQUIREMENTS: dict[Maker, tuple[Need, ...]] = {
    Maker.EDITOR: (_EDITOR,),
    Maker.AUTHOR: (_EDITOR, _OWN),
    Maker.SECOND: (_NO_PART, _APPROVER),
    Maker.APPROVER: (_APPROVER,),
    Maker.HALTER: (_role(frozenset({Role.POLICY_APPROVER, Role.OPS}), "only_approvers_or_ops"),),
    Maker.CLOCK: (_role(frozenset({Role.CLOCK}), "only_time"),),
    Maker.ENGINE: (_role(frozenset({Role.ENGINE}), "only_engine"),),
    Maker.FOLLOWER: (_role(frozenset({Role.ENGINE}), "only_follower"),),
}


def _first(s: VersionSituation, event: str, _: frozenset[Maker]) -> RefusedError | None:
    """Refuse what would fork the chain, or leave out one of it that another follows."""
    if event == "approve" and s.status is VersionStatus.PROPOSED and s.follows != s.newest:
        facts = {"newest": s.newest}
        return RefusedError(Code.STALE, "follows_older", facts=facts, follows=s.follows, newest=s.newest)
    if event in {"withdraw", "take_back"} and s.follower is not None:
        return RefusedError(Code.ILLEGAL_MOVE, "is_followed", facts={"newest": s.newest}, follower=s.follower)
    return None


LAW = Law(_REQUIREMENTS, BY_PEOPLE, Maker.CLOCK, Maker.ENGINE, _first)
NEW, DRAFT, PROPOSED, APPROVED = (
    VersionStatus.NEW,
    VersionStatus.DRAFT,
    VersionStatus.PROPOSED,
    VersionStatus.APPROVED,
)
ROLLING, HALTED, IN_FORCE, RETIRED = (
    VersionStatus.ROLLING_OUT,
    VersionStatus.HALTED,
    VersionStatus.IN_FORCE,
    VersionStatus.RETIRED,
)
TAKING, TAKEN_BACK, WITHDRAWN = VersionStatus.TAKING_BACK, VersionStatus.TAKEN_BACK, VersionStatus.WITHDRAWN

# fmt: off
VERSION = VersionTable("version", NEW, LAW, [
    #          event              from      to          who             only if            does
    VersionRow("install",         NEW,      IN_FORCE,   Maker.ENGINE,   (brought, first_of_all)),
    VersionRow("draft",           NEW,      DRAFT,      Maker.ENGINE,   (brought,)),
    VersionRow("draft",           NEW,      DRAFT,      Maker.EDITOR),
    VersionRow("propose",         DRAFT,    PROPOSED,   Maker.AUTHOR,   (),                ("plan", "tell_approvers")),
    VersionRow("reject",          PROPOSED, DRAFT,      Maker.SECOND,   (),                ("tell_part", "send_back")),
    VersionRow("proposal_lapsed", PROPOSED, DRAFT,      Maker.CLOCK,    (),                ("tell_part", "send_back"), due="approval_due_at"),
    VersionRow("approve",         PROPOSED, APPROVED,   Maker.SECOND,   (in_time, before_stays), ("approve", "tell_part", "announce"), grave=True),
    VersionRow("withdraw",        DRAFT,    WITHDRAWN,  Maker.AUTHOR),
    VersionRow("withdraw",        PROPOSED, WITHDRAWN,  Maker.AUTHOR,   (),                ("tell_approvers", "send_back")),
    VersionRow("withdraw",        APPROVED, WITHDRAWN,  Maker.AUTHOR,   (date_not_come,),  ("tell_part", "call_off")),

    VersionRow("take_force",      APPROVED, ROLLING,    Maker.CLOCK,    (turn_has_come,),  ("set_out",), due="in_force_from"),
    VersionRow("next_batch",      ROLLING,  ROLLING,    Maker.CLOCK,    (some_left,),      ("reach",),   due="batch_due_at"),
    VersionRow("stop_itself",     ROLLING,  HALTED,     Maker.ENGINE,   (hits_too_many,),  ("stand_still", "raise_incident", "tell_part", "tell_approvers")),
    VersionRow("break_down",      ROLLING,  HALTED,     Maker.ENGINE,   (broken,),         ("stand_still", "raise_incident", "tell_part", "tell_approvers")),
    VersionRow("complete",        ROLLING,  IN_FORCE,   Maker.ENGINE,   (none_left,),      ("stand_still", "retire_before", "wake_next", "tell_part")),
    VersionRow("halt",            ROLLING,  HALTED,     Maker.HALTER,   (),                ("stand_still", "tell_part")),
    VersionRow("resume",          HALTED,   ROLLING,    Maker.APPROVER, (),                ("set_out", "tell_part")),
    VersionRow("retire",          IN_FORCE, RETIRED,    Maker.FOLLOWER),
    VersionRow("reinstate",       RETIRED,  IN_FORCE,   Maker.FOLLOWER),

    VersionRow("take_back",       APPROVED, TAKING,     Maker.APPROVER, (date_has_come,),  ("set_out", "tell_part", "call_off"), grave=True),
    VersionRow("take_back",       ROLLING,  TAKING,     Maker.APPROVER, (),                ("set_out", "tell_part", "call_off"), grave=True),
    VersionRow("take_back",       HALTED,   TAKING,     Maker.APPROVER, (),                ("set_out", "tell_part", "call_off"), grave=True),
    VersionRow("take_back",       IN_FORCE, TAKING,     Maker.APPROVER, (follows_one,),    ("set_out", "tell_part", "call_off"), grave=True),
    VersionRow("next_batch",      TAKING,   TAKING,     Maker.CLOCK,    (some_left,),      ("release",), due="batch_due_at"),
    VersionRow("break_down",      TAKING,   TAKING,     Maker.ENGINE,   (broken,),         ("stand_still", "raise_incident", "tell_part", "tell_approvers")),
    VersionRow("resume",          TAKING,   TAKING,     Maker.APPROVER, (stands_still,),   ("set_out", "tell_part")),
    VersionRow("taken_back",      TAKING,   TAKEN_BACK, Maker.ENGINE,   (none_left,),      ("stand_still", "reinstate_before")),
])
# fmt: on
