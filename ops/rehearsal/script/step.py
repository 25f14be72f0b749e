"""A step of a scenario: a time, an act and expectations, each optional."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self, get_args

from pydantic import Field, StrictInt, ValidationError, model_validator

from ops.rehearsal.script.act import (
    STEP_WORDS,
    Answer,
    Appeal,
    Approve,
    Ask,
    Claim,
    Decide,
    Deed,
    Escalate,
    Halt,
    Note,
    Propose,
    Reject,
    Release,
    Renew,
    Report,
    Resume,
    SetAside,
    Stream,
    Summarise,
    TakeBack,
    Withdraw,
    WithdrawVersion,
)
from ops.rehearsal.script.expect import Expect
from ops.rehearsal.script.malformed import FlawError, Written, flaw, near, shown
from ops.rehearsal.script.moment import Instant, Span
from rulebook.notation import BYTES


class Many(Deed):
    """`count` acts at once; `{n}` in the step's strings is the number of each, from 1."""

    do: Literal["many"]
    count: Annotated[StrictInt, Field(ge=1, le=1000)]
    step: dict[str, object]

    def steps(self) -> list["Step"]:
        """The acts, numbered from 1 to `count`."""
        return [parse(n, _numbered(self.step, n)) for n in range(1, self.count + 1)]

    @model_validator(mode="after")
    def _each_is_one_act(self) -> Self:
        if self.step.get("do") == "many":  # each of them would be read first, and each of theirs
            raise FlawError("many.step.do", "`many` can't stand inside `many`")
        if self.count * len(str(self.step)) > BYTES:
            raise FlawError("many.count", f"what they say together is larger than {BYTES // 1024 // 1024} MiB")
        try:
            for step in self.steps():
                step.must_be_one_of_many()
        except FlawError as found:
            raise FlawError(f"many.step.{found.field}", found.message) from None
        return self


Act = Annotated[
    Report
    | Claim
    | Renew
    | Release
    | Summarise
    | Note
    | Ask
    | Answer
    | Escalate
    | Decide
    | Approve
    | Reject
    | SetAside
    | Withdraw
    | Appeal
    | Stream
    | Propose
    | WithdrawVersion
    | Halt
    | Resume
    | TakeBack
    | Many,
    Field(discriminator="do"),
]
ACTS: dict[str, type[Deed]] = {
    get_args(act.model_fields["do"].annotation)[0]: act for act in get_args(get_args(Act)[0])
}
ACT_WORDS = {word for act in ACTS.values() for word in act.words()} - {"do"}


class Step(Written):
    """`number` counts from 1, in the file or inside its `many`."""

    number: int
    after: Span | None = None
    at: Instant | None = None
    by: str | None = None
    act: Act | None = None
    expect: Expect | None = None

    def about(self) -> list[str]:
        """The cases, subjects and versions that the step's acts name, and those that it expects something of."""
        acts = [one.act for one in self.act.steps()] if isinstance(self.act, Many) else [self.act]
        named = [value for act in acts if act for value in act.named()]
        return list(dict.fromkeys([*named, *(self.expect.about() if self.expect else ())]))

    def must_be_one_of_many(self) -> None:
        """Refuse what has no meaning inside `many`, where all acts happen at once.

        Raises:
            FlawError: with the field.
        """
        for name in ("after", "at", "expect"):
            if getattr(self, name) is not None:
                raise FlawError(name, "belongs to the step around `many`, not inside it")
        if self.act is None:
            raise FlawError("do", "missing")

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.after is not None and self.at is not None:
            raise FlawError("after", "a step has either `after` or `at`, not both")
        if self.act is not None and self.by is None and not isinstance(self.act, Many):
            raise FlawError("by", f"missing: somebody must {self.act.do}")
        if self.expect is not None:
            self._expects_sensibly(self.expect)
        return self

    def _expects_sensibly(self, expect: Expect) -> None:
        many = isinstance(self.act, Many)
        if expect.error is not None and self.act is None:
            raise FlawError("expect.error", "only an act can be refused, and this step has none")
        if expect.error is not None and many:
            raise FlawError("expect.error", "of `many`, count the refused: `refused: {code: n}`")
        for name in ("done", "refused"):
            if name in expect.model_fields_set and not many:
                raise FlawError(f"expect.{name}", "only of `many`")
        for name in ("appeal", "visible"):
            if name in expect.model_fields_set and self.by is None:
                raise FlawError(f"expect.{name}", "needs `by`: who looks?")


def parse(number: int, mapping: object) -> Step:
    """Read one step's mapping, in which the act's fields stand beside the step's.

    Raises:
        FlawError: with the field, e.g. `decide.findng`.
    """
    if not isinstance(mapping, Mapping):
        raise FlawError("step", "must be a mapping")
    for name in STEP_WORDS:
        if name in mapping and mapping[name] is None:
            raise FlawError(name, "is empty")
    own = {name: mapping[name] for name in STEP_WORDS if name in mapping and name != "do"}
    act = {name: value for name, value in mapping.items() if name not in own}
    _refuse_strangers(act)
    try:
        return Step.model_validate({"number": number, **own, **({"act": act} if act else {})})
    except ValidationError as error:
        raise flaw(error) from None


def parse_in_order(given: object) -> object:
    """Read a file's list of steps."""
    if not isinstance(given, list):
        return given
    return [_parse_at(number, mapping) for number, mapping in enumerate(given, start=1)]


def _parse_at(number: int, mapping: object) -> Step:
    try:
        return parse(number, mapping)
    except FlawError as found:
        raise FlawError(found.field, found.message, step=number) from None


def _refuse_strangers(act: dict[object, object]) -> None:
    if "do" in act:
        do = act["do"]
        if not isinstance(do, str) or do not in ACTS:
            raise FlawError("do", f"unknown act {shown(do)}{near(do, ACTS)}")
        return
    for name in act:
        if name in ACT_WORDS:
            raise FlawError(str(name), "belongs to an act, and the step has no `do`")
        raise FlawError(str(name), "unknown field" + near(name, [*STEP_WORDS, *ACT_WORDS]))


def _numbered(value: object, n: int) -> object:
    if isinstance(value, str):
        return value.replace("{n}", str(n))
    if isinstance(value, list):
        return [_numbered(item, n) for item in value]
    if isinstance(value, dict):
        return {_numbered(key, n): _numbered(item, n) for key, item in value.items()}
    return value
