"""Which words does the policy use? The closed vocabularies of the rulebook (`docs/domain.md` §1 and §2)."""

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator
from pydantic.types import StringConstraints

from rulebook.tag import LANGUAGE, LONGEST, normal


class Severity(StrEnum):
    """How grave a violation is; a verdict names exactly one."""

    MILD = "mild"
    MODERATE = "moderate"
    SEVERE = "severe"


class SubjectKind(StrEnum):
    """Whom a score belongs to."""

    AGENCY = "agency"
    CREATOR = "creator"


class PenaltyKind(StrEnum):
    """What brings a penalty: a violation, a repetition or a score (§2.7)."""

    BASE = "base"
    ADDITIONAL = "additional"
    SCORE = "score"


class CreatorClass(StrEnum):
    """The class that decides a creator's start and cap (§3.1)."""

    STANDARD = "standard"
    QUALITY = "quality"
    PROFESSIONAL = "professional"


class Family(StrEnum):
    """The violation families: four of agencies (§2.6), one of creators."""

    IMPROPER_JOINING = "improper joining"
    ILLICIT_GAIN = "illicit gain"
    IMPROPER_CREATOR_MANAGEMENT = "improper creator management"
    OTHER = "other"
    CONTENT_VIOLATION = "content violation"


class OnOverturn(StrEnum):
    """What an overturn does to the prices of the violations that remain (§5.6)."""

    REPRICE = "reprice"
    FREEZE = "freeze"


# What the platform is told to withhold, by rulebooks that declare no words of their own: it has the catalogue's texts.
RESTRICTIONS = (
    "recommend", "pk_limited", "pk", "leaderboard", "gifts", "withdrawal", "live", "recruiting", "bonus", "operations",
    "contract",
)  # fmt: skip
# A word for what the platform is told to withhold.
Restriction = Annotated[str, StringConstraints(strict=True, pattern=r"^[a-z0-9_]{1,60}$")]

# How urgent the cases of a clause are: 1 is reviewed before all others.
PRIORITIES = range(1, 10)
ORDINARY = 5

# A region or overlay, as the rulebook names it: VN, or EU, which no agency has.
REGION = r"^[A-Z]{2,8}$"
# A language's tag, whose case is normalised wherever it enters.
Language = Annotated[str, StringConstraints(strict=True, pattern=LANGUAGE, max_length=LONGEST), AfterValidator(normal)]
