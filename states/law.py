"""Who may make a move, and with which code is anybody else refused?

Each `Who` is a list of requirements. A requirement is a code, the key of a sentence, and what must hold; of several
that fail the first in the order of `Code` is given (`docs/scenarios.md`, ruling 1).
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from states.appealable import Appeal, appealable
from states.situation import Situation
from states.terms import AGENCY_ROLES, REVIEWERS, AppealReason, Code, Role


@dataclass(frozen=True)
class Requirement:
    """`holds` says whether the situation satisfies it; otherwise the command is refused with `code`."""

    code: Code
    key: str
    holds: Callable[[Situation], bool]


class Who(StrEnum):
    """Who makes a move. `clock` is time itself; `engine` follows on at once; `report` and `appeal` move each other."""

    REPORTER = "an agency's person or the platform"
    MODERATOR = "a moderator"
    SENIOR = "a senior moderator"
    CLAIMER = "the claimer"
    SENIOR_CLAIMER = "the claimer, a senior"
    SECOND_SENIOR = "a second, senior person"
    ASKED = "the side that was asked"
    FILER = "who filed it, or leads of that agency"
    ENTITLED = "the party that may appeal"
    CLOCK = "time"
    ENGINE = "at once"
    REPORT = "the report"
    APPEAL = "the appeal"


BY_PEOPLE = frozenset(Who) - {Who.CLOCK, Who.ENGINE, Who.REPORT, Who.APPEAL}


def _appeal(s: Situation) -> tuple[Appeal, str]:
    if s.window is None or s.now is None:
        return Appeal.HIDDEN, AppealReason.NO_REPORT
    found = appealable(s.window, s.standpoint.side, s.now)
    return found.answer, found.reason


def _role(roles: frozenset[Role], key: str) -> Requirement:
    return Requirement(Code.FORBIDDEN, key, lambda s: s.actor.role in roles)


_IN_REGION = Requirement(
    Code.FORBIDDEN, "outside_your_regions", lambda s: s.region in s.actor.regions
)  # fmt: skip
_REVIEWER = _role(REVIEWERS, "only_moderators")
_SENIOR = _role(frozenset({Role.SENIOR_MODERATOR}), "only_seniors")
_UNBIASED = Requirement(
    Code.CONFLICT_OF_INTEREST,
    "took_part",
    lambda s: s.actor.id not in s.barred,
)
_NOT_PROPOSER = Requirement(Code.SAME_PERSON, "second_person", lambda s: s.actor.id != s.proposer)
_REPORTS = _role(frozenset({*AGENCY_ROLES, Role.PLATFORM}), "only_reporters")
_NOT_ITSELF = Requirement(Code.CONFLICT_OF_INTEREST, "reports_itself", lambda s: not s.standpoint.own_agency)
_QUOTA = Requirement(
    Code.QUOTA_EXHAUSTED,
    "quota_used_up",
    lambda s: s.slots_left is None or s.slots_left > 0,
)
_ASKED = Requirement(
    Code.FORBIDDEN, "another_was_asked", lambda s: s.asked is not None and s.standpoint.side is s.asked
)
_FILER = Requirement(
    Code.FORBIDDEN,
    "only_filer_withdraws",
    lambda s: s.standpoint.filer or s.standpoint.leads_filer,
)
_APPEALS = _role(frozenset({*AGENCY_ROLES, Role.CREATOR}), "only_parties_appeal")
_NONE_LIVE = Requirement(
    Code.ALREADY_APPEALED,
    "already_appealed",
    lambda s: _appeal(s)[1] != AppealReason.ALREADY_APPEALED,
)
_NOT_EXPIRED = Requirement(Code.APPEAL_EXPIRED, "window_over", lambda s: _appeal(s)[0] is not Appeal.EXPIRED)
_ELIGIBLE = Requirement(Code.APPEAL_NOT_ELIGIBLE, "not_appealable", lambda s: _appeal(s)[0] is Appeal.AVAILABLE)

REQUIREMENTS: dict[Who, tuple[Requirement, ...]] = {
    Who.REPORTER: (_REPORTS, _NOT_ITSELF, _QUOTA),
    Who.MODERATOR: (_REVIEWER, _IN_REGION, _UNBIASED),
    Who.SENIOR: (_SENIOR, _IN_REGION, _UNBIASED),
    Who.CLAIMER: (_REVIEWER, _IN_REGION),
    Who.SENIOR_CLAIMER: (_SENIOR, _IN_REGION),
    Who.SECOND_SENIOR: (_NOT_PROPOSER, _SENIOR, _IN_REGION, _UNBIASED),
    Who.ASKED: (_ASKED,),
    Who.FILER: (_FILER,),
    Who.ENTITLED: (_APPEALS, _NONE_LIVE, _NOT_EXPIRED, _ELIGIBLE),
    Who.CLOCK: (_role(frozenset({Role.CLOCK}), "only_time"),),
    Who.ENGINE: (_role(frozenset({Role.ENGINE}), "only_engine"),),
    Who.REPORT: (_role(frozenset({Role.ENGINE}), "only_report"),),
    Who.APPEAL: (_role(frozenset({Role.ENGINE}), "only_appeal"),),
}
