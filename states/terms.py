"""The closed vocabularies of cases: statuses, outcomes, roles, codes of refusal (`docs/domain.md` §1, §6, §7)."""

from collections.abc import Mapping
from enum import StrEnum


class Kind(StrEnum):
    REPORT = "report"
    APPEAL = "appeal"


class Stage(StrEnum):
    """The five public stages, in their order."""

    SUBMITTED = "submitted"
    UNDER_REVIEW = "under_review"
    VERDICT = "verdict"
    APPEALABLE = "appealable"
    CLOSED = "closed"


class Status(StrEnum):
    """The finer statuses inside the stages. `new` is the state before the first move and is never stored."""

    NEW = "new"
    SUBMITTED = "submitted"
    HELD = "held"
    QUEUED = "queued"
    CLAIMED = "claimed"
    AWAITING_ANSWER = "awaiting_answer"
    ESCALATED = "escalated"
    AWAITING_APPROVAL = "awaiting_approval"
    DECIDED = "decided"
    OPEN = "open"
    UNDER_APPEAL = "under_appeal"
    CLOSED = "closed"

    @property
    def stage(self) -> Stage:
        """The public stage that this status lies in."""
        return _STAGES[self]

    @property
    def to_parties(self) -> "Status":
        """The status as the parties read it: a verdict is there for them once it is in force (ruling 16)."""
        return Status.CLAIMED if self is Status.AWAITING_APPROVAL else self


_STAGES = {
    Status.NEW: Stage.SUBMITTED,
    Status.SUBMITTED: Stage.SUBMITTED,
    Status.HELD: Stage.SUBMITTED,
    Status.QUEUED: Stage.UNDER_REVIEW,
    Status.CLAIMED: Stage.UNDER_REVIEW,
    Status.AWAITING_ANSWER: Stage.UNDER_REVIEW,
    Status.ESCALATED: Stage.UNDER_REVIEW,
    Status.AWAITING_APPROVAL: Stage.VERDICT,
    Status.DECIDED: Stage.VERDICT,
    Status.OPEN: Stage.APPEALABLE,
    Status.UNDER_APPEAL: Stage.APPEALABLE,
    Status.CLOSED: Stage.CLOSED,
}


class Outcome(StrEnum):
    """What a closed case came to."""

    WITHDRAWN = "withdrawn"
    DUPLICATE = "duplicate"
    DISMISSED = "dismissed"
    WINDOW_OVER = "window_over"
    UPHELD = "upheld"
    OVERTURNED = "overturned"
    MODIFIED = "modified"
    MOOT = "moot"


class Finding(StrEnum):
    """What a report's verdict finds."""

    VIOLATION = "violation"
    NONE = "none"
    DUPLICATE = "duplicate"


class Side(StrEnum):
    REPORTER = "reporter"
    RESPONDENT = "respondent"


class Role(StrEnum):
    """Who may act; `clock` and `engine` act for the product itself."""

    OWNER = "owner"
    TEAM_LEAD = "team_lead"
    AGENT = "agent"
    CREATOR = "creator"
    MODERATOR = "moderator"
    SENIOR_MODERATOR = "senior_moderator"
    POLICY_EDITOR = "policy_editor"
    POLICY_APPROVER = "policy_approver"
    OPS = "ops"
    AUDITOR = "auditor"
    PLATFORM = "platform"
    CLOCK = "clock"
    ENGINE = "engine"


LEADS = frozenset({Role.OWNER, Role.TEAM_LEAD})
AGENCY_ROLES = LEADS | {Role.AGENT}
PARTIES = AGENCY_ROLES | {Role.CREATOR}
REVIEWERS = frozenset({Role.MODERATOR, Role.SENIOR_MODERATOR})
OVERSEERS = frozenset({Role.OPS, Role.AUDITOR})
POLICY = frozenset({Role.POLICY_EDITOR, Role.POLICY_APPROVER})
# Those whom the product tells what becomes of something, by notices.
TOLD = PARTIES | POLICY
STAFF = REVIEWERS | POLICY | {Role.OPS, Role.AUDITOR}


class AppealReason(StrEnum):
    """Why a case can be appealed, or why not.

    `window_open`: until the window ends. `held_until_verdict`: an appeal is taken now, and waits for the verdict.
    `window_over`: it was not used in time. `already_appealed`: by your side. `no_verdict`: there is none to appeal yet.
    `not_entitled`: there is no verdict that is yours to appeal. `no_window`: this one can't be appealed. `final`: an
    appeal was decided, and there is no other. `not_a_party`: you are none. `is_an_appeal`: only reports are appealed.
    """

    WINDOW_OPEN = "window_open"
    HELD_UNTIL_VERDICT = "held_until_verdict"
    WINDOW_OVER = "window_over"
    ALREADY_APPEALED = "already_appealed"
    NO_VERDICT = "no_verdict"
    NO_WINDOW = "no_window"
    NOT_ENTITLED = "not_entitled"
    FINAL = "final"
    NOT_A_PARTY = "not_a_party"
    IS_AN_APPEAL = "is_an_appeal"


class Code(StrEnum):
    """Why something is refused, in the order in which one of several reasons is given.

    `key_reused`: the sender asked for something else under the same key. `stale`: the sender named a version that the
    case no longer has. `unavailable` is not a refusal of the rules: nobody could answer in time, and nothing was
    carried out.
    """

    INVALID = "invalid"
    KEY_REUSED = "key_reused"
    NOT_FOUND = "not_found"
    STALE = "stale"
    ALREADY_CLAIMED = "already_claimed"
    NOT_CLAIMED_BY_YOU = "not_claimed_by_you"
    ILLEGAL_MOVE = "illegal_move"
    SAME_PERSON = "same_person"
    FORBIDDEN = "forbidden"
    CONFLICT_OF_INTEREST = "conflict_of_interest"
    ALREADY_APPEALED = "already_appealed"
    APPEAL_EXPIRED = "appeal_expired"
    APPEAL_NOT_ELIGIBLE = "appeal_not_eligible"
    QUOTA_EXHAUSTED = "quota_exhausted"
    UNAVAILABLE = "unavailable"


class RefusedError(Exception):
    """A command is refused, and nothing has changed. Its sentence is made where it is shown (`desk/words`).

    Attributes:
        code: one of `Code`, or of the desk's own codes.
        key: which sentence says it, in the catalogues under `refusal.`.
        field: the input's field that is wrong, where one is.
        values: what the sentence names, JSON values.
        facts: data for the caller's next step, JSON values (e.g. `opens_at` of a quota, `version` of a case).
    """

    def __init__(
        self,
        code: StrEnum,
        key: str,
        field: str | None = None,
        *,
        facts: Mapping[str, object] | None = None,
        **values: object,
    ) -> None:
        super().__init__(code, key, field)
        self.code = code
        self.key = key
        self.field = field
        self.values = values
        self.facts = dict(facts or {})

    def __str__(self) -> str:
        return f"{self.code}: {self.key}" + (f" {self.values}" if self.values else "")
