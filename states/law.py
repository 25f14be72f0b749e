"""Who may make a move of a case, and with which code is anybody else refused?

Each `Who` is a list of requirements. A requirement is a code, the key of a sentence, and what must hold; of several
that fail the first in the order of `Code` is given (`docs/scenarios.md`, ruling 1).
"""

from enum import StrEnum

from states.appealable import Appeal, appealable
from states.situation import Situation
from states.table import Law, Requirement, Row, Table
from states.terms import AGENCY_ROLES, REVIEWERS, AppealReason, Code, Outcome, RefusedError, Role, Stage, Status


class Who(StrEnum):
    """Who makes a move. `clock`: a deadline passed; `engine`: it follows at once; `report`, `appeal`: the other one.

    `feed`: it follows from what the platform fed.
    """

    REPORTER = "an agency's person or the platform"
    MODERATOR = "a moderator"
    SENIOR = "a senior moderator"
    CLAIMER = "the claimer"
    SENIOR_CLAIMER = "the claimer, a senior"
    SECOND_SENIOR = "a second, senior person"
    OPS = "ops"
    OTHER_SENIOR = "a senior moderator without a part in the verdict"
    REVIEWER = "a reviewer"
    MENDER = "a senior moderator, of a closed report"
    ASKED = "the side that was asked"
    FILER = "who filed it, or leads of that agency"
    ENTITLED = "the party that may appeal"
    CLOCK = "time"
    ENGINE = "at once"
    REPORT = "the report"
    APPEAL = "the appeal"
    FEED = "the platform's feed"


CLAIMERS = frozenset({Who.CLAIMER, Who.SENIOR_CLAIMER})
BY_PEOPLE = frozenset(Who) - {Who.CLOCK, Who.ENGINE, Who.REPORT, Who.APPEAL, Who.FEED}


Need = Requirement[Situation]


def _appeal(s: Situation) -> tuple[Appeal, str | None]:
    if s.window is None or s.now is None:
        return Appeal.HIDDEN, None
    found = appealable(s.window, s.standpoint.side, s.now)
    return found.answer, found.reason


def _role(roles: frozenset[Role], key: str) -> Need:
    return Need(Code.FORBIDDEN, key, lambda s: s.actor.role in roles)


_IN_REGION = Need(
    Code.FORBIDDEN, "outside_your_regions", lambda s: s.region in s.actor.regions
)  # fmt: skip
_REVIEWER = _role(REVIEWERS, "only_moderators")
_SENIOR = _role(frozenset({Role.SENIOR_MODERATOR}), "only_seniors")
_UNBIASED = Need(
    Code.CONFLICT_OF_INTEREST,
    "took_part",
    lambda s: s.actor.id not in s.barred,
)
_NO_PART = Need(Code.SAME_PERSON, "had_a_part", lambda s: s.actor.id not in s.deciders)
_NOT_PROPOSER = Need(Code.SAME_PERSON, "second_person", lambda s: s.actor.id != s.proposer)
_REPORTS = _role(frozenset({*AGENCY_ROLES, Role.PLATFORM}), "only_reporters")
_NOT_ITSELF = Need(Code.CONFLICT_OF_INTEREST, "reports_itself", lambda s: not s.standpoint.own_agency)
_QUOTA = Need(
    Code.QUOTA_EXHAUSTED,
    "quota_used_up",
    lambda s: s.slots_left is None or s.slots_left > 0,
    lambda s: {"opens_at": s.quota_opens.isoformat() if s.quota_opens else None},
)
_ASKED = Need(Code.FORBIDDEN, "another_was_asked", lambda s: s.asked is not None and s.standpoint.side is s.asked)
_FILER = Need(
    Code.FORBIDDEN,
    "only_filer_withdraws",
    lambda s: s.standpoint.filer or s.standpoint.leads_filer,
)
_NOBODY_JOINED = Need(Code.ILLEGAL_MOVE, "others_joined", lambda s: not s.joined)
_APPEALS = _role(frozenset({*AGENCY_ROLES, Role.CREATOR}), "only_parties_appeal")
_NONE_LIVE = Need(
    Code.ALREADY_APPEALED,
    "already_appealed",
    lambda s: _appeal(s)[1] != AppealReason.ALREADY_APPEALED,
)
_NOT_EXPIRED = Need(
    Code.APPEAL_EXPIRED,
    "window_over",
    lambda s: _appeal(s)[0] is not Appeal.EXPIRED,
    lambda s: {"ended_at": s.window.ends_at.isoformat()} if s.window and s.window.ends_at else {},
)
_ELIGIBLE = Need(Code.APPEAL_NOT_ELIGIBLE, "not_appealable", lambda s: _appeal(s)[0] is Appeal.AVAILABLE)

_REQUIREMENTS: dict[Who, tuple[Need, ...]] = {
    Who.REPORTER: (_REPORTS, _NOT_ITSELF, _QUOTA),
    Who.MODERATOR: (_REVIEWER, _IN_REGION, _UNBIASED),
    Who.SENIOR: (_SENIOR, _IN_REGION, _UNBIASED),
    Who.CLAIMER: (_REVIEWER, _IN_REGION),
    Who.SENIOR_CLAIMER: (_SENIOR, _IN_REGION),
    Who.SECOND_SENIOR: (_NOT_PROPOSER, _SENIOR, _IN_REGION, _UNBIASED),
    Who.OPS: (_role(frozenset({Role.OPS}), "only_ops"),),
    Who.OTHER_SENIOR: (_NO_PART, _SENIOR, _IN_REGION),
    Who.REVIEWER: (_REVIEWER, _IN_REGION),
    Who.MENDER: (_SENIOR, _IN_REGION),
    Who.ASKED: (_ASKED,),
    Who.FILER: (_NOBODY_JOINED, _FILER),
    Who.ENTITLED: (_APPEALS, _NONE_LIVE, _NOT_EXPIRED, _ELIGIBLE),
    Who.CLOCK: (_role(frozenset({Role.CLOCK}), "only_time"),),
    Who.ENGINE: (_role(frozenset({Role.ENGINE}), "only_engine"),),
    Who.REPORT: (_role(frozenset({Role.ENGINE}), "only_report"),),
    Who.APPEAL: (_role(frozenset({Role.ENGINE}), "only_appeal"),),
    Who.FEED: (_role(frozenset({Role.ENGINE}), "only_feed"),),
}


def _first(s: Situation, event: str, senders: frozenset[Who]) -> RefusedError | None:
    """Refuse, before any row is looked at, a case that the actor doesn't see, then one that somebody else claimed."""
    if not s.standpoint.sees:
        return RefusedError(Code.NOT_FOUND, "no_such_case")
    if s.status.stage is not Stage.UNDER_REVIEW:
        return None
    if event == "claim" and s.claimed_by is not None:
        own = s.claimed_by == s.actor.id
        return RefusedError(Code.ALREADY_CLAIMED, "claimed_by_yourself" if own else "already_claimed")
    by_ops = Who.OPS in senders and s.actor.role is Role.OPS
    if senders & CLAIMERS and s.claimed_by != s.actor.id and not by_ops:
        return RefusedError(Code.NOT_CLAIMED_BY_YOU, "not_claimed_by_you")
    return None


CASES = Law(_REQUIREMENTS, BY_PEOPLE, Who.CLOCK, Who.ENGINE, _first)
# A move of a case, and the table of a kind of case.
CaseRow = Row[Status, Outcome, Situation]
CaseTable = Table[Status, Outcome, Situation]
