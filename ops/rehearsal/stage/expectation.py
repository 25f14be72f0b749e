"""Compares a step's expectations with what the engine says now."""

from collections.abc import Mapping
from dataclasses import dataclass

from ops.rehearsal.script.expect import Expect, subject_and_period
from ops.rehearsal.script.step import Step
from ops.rehearsal.stage.desk import Asker, Standing
from ops.rehearsal.stage.inquiry import Inquiry
from states.terms import RefusedError


@dataclass(frozen=True)
class Found:
    """One expectation that failed: of what, what was expected, what was found, and where needed why."""

    of: str
    expected: object
    found: object
    why: str = ""

    def __str__(self) -> str:
        why = f", for {self.why}" if self.why else ""
        return f"{self.of}: expected {_shown(self.expected)}, found {_shown(self.found)}{why}"


def compare(
    inquiry: Asker,
    step: Step,
    names: Mapping[str, str],
    refusal: RefusedError | None,
    done: int,
    refused: Mapping[str, int],
) -> list[Found]:
    """The expectations that failed; a refusal that no `expect: error` announces is one, too."""
    expect = step.expect or Expect()
    found: list[Found] = []
    code = refusal.code if refusal else None
    if code != expect.error:
        found.append(Found("error", expect.error, refusal))
    if "done" in expect.model_fields_set and done != expect.done:
        found.append(Found("done", expect.done, done))
    wanted = {str(c): n for c, n in expect.refused.items()}
    counts = {str(c): n for c, n in refused.items()}
    if ("refused" in expect.model_fields_set or "done" in expect.model_fields_set) and wanted != counts:
        found.append(Found("refused", wanted, counts))
    found += _cases(inquiry, expect, names)
    found += _numbers(inquiry, expect)
    if step.by is not None:
        found += _sight(inquiry, step.by, expect, names)
    return found


def platform_knows(inquiry: Inquiry) -> list[Found]:
    """Compare what the platform was told with what is in force, for every subject (ruling 14)."""
    return [
        Found(f"told of {subject}", sorted(in_force), sorted(informed))
        for subject, informed, in_force in inquiry.restrictions()
        if informed != in_force
    ]


def _cases(inquiry: Asker, expect: Expect, names: Mapping[str, str]) -> list[Found]:
    found: list[Found] = []
    for word, wanted in (("stage", expect.stage), ("status", expect.status), ("outcome", expect.outcome)):
        for name, value in wanted.items():
            case = inquiry.case(names.get(name, name))
            now = None if case is None else case.status.stage if word == "stage" else getattr(case, word)
            if now != value:
                found.append(Found(f"{word} of {name}", value, now, _why(name, word, case)))
    return found


def _why(name: str, word: str, case: Standing | None) -> str:
    """Why a case has not what was expected of it: there is none, or it is still open."""
    if case is None:
        return f"{name} was not filed"
    return f"{name} is {case.status}" if word == "outcome" and case.outcome is None else ""


def _numbers(inquiry: Asker, expect: Expect) -> list[Found]:
    found: list[Found] = []
    for key, points in expect.score.items():
        subject, period = subject_and_period(key)
        score = _points(inquiry, subject, period)
        if score != points and not (points is None and isinstance(score, str)):
            found.append(Found(f"score of {key}", points, score))
    for subject, keys in expect.penalties.items():
        now = inquiry.penalties(subject)
        if now != set(keys):
            found.append(Found(f"penalties of {subject}", sorted(keys), sorted(now)))
    for subject, keys in expect.on_trial.items():
        now = inquiry.counted(subject)
        if now != set(keys):
            found.append(Found(f"on trial of {subject}", sorted(keys), sorted(now)))
    for agency, left in expect.quota.items():
        quota = inquiry.quota(agency)
        if quota.left != left:
            found.append(Found(f"quota of {agency}", left, quota.left))
    return found


def _points(inquiry: Asker, subject: str, period: str | None) -> int | str:
    """The score, or the refusal as text: a creator's score has no years."""
    try:
        return inquiry.score(subject, period).points
    except RefusedError as refusal:
        return f"{refusal}"


def _sight(inquiry: Asker, by: str, expect: Expect, names: Mapping[str, str]) -> list[Found]:
    found: list[Found] = []
    actor = inquiry.actor(by)
    for name, answer in expect.appeal.items():
        now = inquiry.appeal(actor, names.get(name, name))
        if now.answer != answer:
            found.append(Found(f"appeal of {name} for {by}", answer, f"{now.answer} ({now.reason})"))
    for name, visible in expect.visible.items():
        sees = inquiry.visible(actor, names.get(name, name))
        if sees != visible:
            found.append(Found(f"visible {name} for {by}", visible, sees))
    for name, wanted in expect.evidence.items():
        files = inquiry.evidence(actor, names.get(name, name))
        if files != sorted(wanted):
            found.append(Found(f"evidence of {name} for {by}", sorted(wanted), files))
    return found


def _shown(value: object) -> str:
    return "nothing" if value is None else f"{value}"
