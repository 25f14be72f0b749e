"""A scenario: a story with a clock, of who does what when, and what must then be true."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from ops.rehearsal.script.cast import Cast
from ops.rehearsal.script.coherence import check
from ops.rehearsal.script.further import FIRST, Further
from ops.rehearsal.script.malformed import FlawError, Written
from ops.rehearsal.script.moment import Instant
from ops.rehearsal.script.step import Step, parse_in_order


def _switch(value: object) -> object:
    """`yes` and `no` are text in these files (NO is a country); for a procedure key they are true and false."""
    return {"yes": True, "no": False}.get(value, value) if isinstance(value, str) else value


class Scenario(Written):
    """One file. `override` has keys of the rulebook (`rulebook/load.py`), changed for this scenario only.

    `rulebooks` are further versions by name, beside the first, which the story begins with.
    """

    file: Path
    title: str = Field(alias="scenario", min_length=1)
    rulebook: str = "live"
    override: dict[str, Annotated[object, BeforeValidator(_switch)]] = Field(default_factory=dict)
    rulebooks: dict[str, Further] = Field(default_factory=dict)
    start: Instant
    cast: Cast
    steps: Annotated[list[Step], BeforeValidator(parse_in_order), Field(min_length=1)]

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        for name, further in self.rulebooks.items():
            further.must_be_one(name)
        if self.rulebooks and self.override:
            raise FlawError("override", "is not for a story of several versions: say it in their `changes`")
        check(self.start, self.cast, self.steps, {FIRST, *self.rulebooks})
        return self
