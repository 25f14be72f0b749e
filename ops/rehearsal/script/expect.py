"""The expectations of a step: what must be true after it."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StrictInt
from pydantic_core import PydanticCustomError

from ops.rehearsal.script.malformed import Written
from states.appealable import Appeal
from states.terms import Code, Outcome, Stage, Status
from states.version_terms import VersionStatus


def subject_and_period(key: str) -> tuple[str, str | None]:
    """Split `lotus@2026` into subject and period; without `@` the period is None, the current one."""
    subject, _, period = key.partition("@")
    return subject, period or None


def _score_key(key: str) -> str:
    if not re.fullmatch(r"[^@]+(@[0-9]{4})?", key):
        raise PydanticCustomError("score_key", "must be a subject, or subject@year as in lotus@2026")
    return key


def _seen(status: Status) -> Status:
    if status is Status.NEW:
        raise PydanticCustomError("status", "unknown value 'new': a case is never seen before its first move")
    return status


def _entered(status: VersionStatus) -> VersionStatus:
    if status is VersionStatus.NEW:
        raise PydanticCustomError("status", "unknown value 'new': a version is never seen before it is entered")
    return status


def _ruled(code: Code) -> Code:
    if code in {Code.KEY_REUSED, Code.UNAVAILABLE, Code.STALE}:
        raise PydanticCustomError("code", f"unknown value '{code}': the rules never refuse with it")
    return code


Count = Annotated[StrictInt, Field(ge=0)]
Refusal = Annotated[Code, AfterValidator(_ruled)]


class Expect(Written):
    """Expectations after a step, each by case, subject, agency or version; an empty one expects nothing."""

    error: Refusal | None = None
    stage: dict[str, Stage] = Field(default_factory=dict)
    status: dict[str, Annotated[Status, AfterValidator(_seen)]] = Field(default_factory=dict)
    outcome: dict[str, Outcome] = Field(default_factory=dict)
    score: dict[Annotated[str, AfterValidator(_score_key)], StrictInt | None] = Field(default_factory=dict)
    penalties: dict[str, list[str]] = Field(default_factory=dict)
    on_trial: dict[str, list[str]] = Field(default_factory=dict)
    appeal: dict[str, Appeal] = Field(default_factory=dict)
    quota: dict[str, StrictInt] = Field(default_factory=dict)
    visible: dict[str, bool] = Field(default_factory=dict)
    evidence: dict[str, list[str]] = Field(default_factory=dict)
    version: dict[str, Annotated[VersionStatus, AfterValidator(_entered)]] = Field(default_factory=dict)
    reached: dict[str, Count] = Field(default_factory=dict)
    forecast: dict[str, dict[str, list[str]]] = Field(default_factory=dict)
    done: Count | None = None
    refused: dict[Refusal, Count] = Field(default_factory=dict)

    def about(self) -> list[str]:
        """The cases, subjects and versions of which something is expected."""
        subjects = [subject_and_period(key)[0] for key in self.score]
        return [
            *(case for _, case in self.of_cases()),
            *subjects,
            *self.penalties,
            *self.on_trial,
            *self.quota,
            *self.version,
            *self.reached,
            *self.forecast,
        ]

    def of_cases(self) -> list[tuple[Literal["stage", "status", "outcome", "appeal", "visible", "evidence"], str]]:
        """Each expectation about a case: its field and the case's id."""
        return [
            *(("stage", case) for case in self.stage),
            *(("status", case) for case in self.status),
            *(("outcome", case) for case in self.outcome),
            *(("appeal", case) for case in self.appeal),
            *(("visible", case) for case in self.visible),
            *(("evidence", case) for case in self.evidence),
        ]
