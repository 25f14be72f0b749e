"""The closed vocabulary of a rulebook version's life: in which statuses one may be (`docs/domain.md` §8)."""

from enum import StrEnum


class VersionStatus(StrEnum):
    """Where a version of the rulebook stands. `new` is the state before it is entered and is never stored.

    `draft` and `proposed` have no effect; from `approved` on the chain holds it. The wave that brings a version to its
    subjects is `rolling_out`, `halted` or, when it walks back, `taking_back`. `retired`, `withdrawn` and `taken_back`
    are final.
    """

    NEW = "new"
    DRAFT = "draft"
    PROPOSED = "proposed"
    APPROVED = "approved"
    ROLLING_OUT = "rolling_out"
    HALTED = "halted"
    IN_FORCE = "in_force"
    TAKING_BACK = "taking_back"
    RETIRED = "retired"
    WITHDRAWN = "withdrawn"
    TAKEN_BACK = "taken_back"


# Those of the chain: approved, and neither withdrawn nor taken back since.
CHAINED = frozenset(
    {
        VersionStatus.APPROVED,
        VersionStatus.ROLLING_OUT,
        VersionStatus.HALTED,
        VersionStatus.IN_FORCE,
        VersionStatus.TAKING_BACK,
        VersionStatus.RETIRED,
    }
)
# Those of which the database holds one at most: its wave reaches further subjects, or may. One that is taken back while
# it waits for the wave before it goes its way beside that wave.
WAVES = frozenset({VersionStatus.ROLLING_OUT, VersionStatus.HALTED})
