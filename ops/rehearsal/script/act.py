"""The acts of a scenario. Only the *names* of their fields are checked: wrong values the engine must refuse."""

from typing import Literal

from ops.rehearsal.script.malformed import Written

# Fields that name a case of the story.
CASE_WORDS = ("case", "of", "again")
# Fields that name a case, a subject or a version of the rulebook.
NAMING = ("id", *CASE_WORDS, "against", "creator", "version")
STEP_WORDS = ("after", "at", "by", "do", "expect")


class Deed(Written):
    """One act of one person, as it was written."""

    @classmethod
    def neighbours(cls) -> list[str]:
        return [*cls.words(), *STEP_WORDS]

    def given(self) -> dict[str, object]:
        """The fields that the file gives, without `do`: no defaults, so that the engine sees what is missing."""
        return {name: getattr(self, name) for name in self.model_fields_set if name != "do"}

    def named(self) -> list[str]:
        """The cases, subjects and versions that the act names."""
        given = self.given()
        return [value for name in NAMING if isinstance(value := given.get(name), str)]


class Report(Deed):
    do: Literal["report"]
    id: object = None
    clause: object = None
    against: object = None
    about: object = None
    occurred: object = None
    details: object = None
    evidence: object = None
    severity: object = None
    again: object = None


class Claim(Deed):
    do: Literal["claim"]
    case: object = None


class Renew(Deed):
    do: Literal["renew"]
    case: object = None


class Release(Deed):
    do: Literal["release"]
    case: object = None
    reasons: object = None


class Summarise(Deed):
    do: Literal["summarise"]
    case: object = None
    text: object = None


class Note(Deed):
    do: Literal["note"]
    case: object = None
    text: object = None


class Ask(Deed):
    do: Literal["ask"]
    case: object = None
    question: object = None
    to: object = "reporter"


class Answer(Deed):
    do: Literal["answer"]
    case: object = None
    text: object = None
    evidence: object = None


class Escalate(Deed):
    do: Literal["escalate"]
    case: object = None
    reasons: object = None


class Decide(Deed):
    """`finding` decides a report (`of` names the case that it duplicates), `outcome` an appeal."""

    do: Literal["decide"]
    case: object = None
    finding: object = None
    of: object = None
    outcome: object = None
    severity: object = None
    reasons: object = None
    clause: object = None
    extra: object = None


class Approve(Deed):
    """Of a verdict (`case`), or of a `version`; `override` says why the version's date is early."""

    do: Literal["approve"]
    case: object = None
    version: object = None
    reasons: object = None
    override: object = None


class Reject(Deed):
    do: Literal["reject"]
    case: object = None
    version: object = None
    reasons: object = None


class SetAside(Deed):
    do: Literal["set_aside"]
    case: object = None
    reasons: object = None


class Withdraw(Deed):
    do: Literal["withdraw"]
    case: object = None


class Appeal(Deed):
    do: Literal["appeal"]
    id: object = None
    of: object = None
    grounds: object = None
    evidence: object = None


class Stream(Deed):
    do: Literal["stream"]
    creator: object = None
    days: object = None
    hours: object = None


class Propose(Deed):
    """Proposes a version, which the first proposal enters as a draft."""

    do: Literal["propose"]
    version: object = None
    reasons: object = None
    in_force_from: object = None
    regions: object = None
    pace: object = None


class WithdrawVersion(Deed):
    do: Literal["withdraw_version"]
    version: object = None


class Halt(Deed):
    do: Literal["halt"]
    version: object = None


class Resume(Deed):
    do: Literal["resume"]
    version: object = None


class TakeBack(Deed):
    do: Literal["take_back"]
    version: object = None
    reasons: object = None
