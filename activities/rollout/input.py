"""What does a person bring for each move of a version? One model a move."""

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from activities.entered import Moment, Text
from activities.wording import refused
from rulebook.terms import REGION
from states.terms import Code, RefusedError

# The quickest pace of a wave that is set, in subjects a second.
MOST_PACE = 1000


class Said(BaseModel):
    """The input of a move; `words` are its free texts by field."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @property
    def words(self) -> dict[str, str]:
        """The free texts that were given, by field."""
        return {}


S = TypeVar("S", bound=Said)


class Bare(Said):
    """A move without input: withdraw, halt, resume."""


class Reasoned(Said):
    """A move that needs reasons: reject, take_back."""

    reasons: Text

    @property
    def words(self) -> dict[str, str]:
        """The reasons."""
        return {"reasons": self.reasons}


class Planned(Said):
    """From when on in all regions, and in `regions` that differ."""

    in_force_from: Moment
    regions: dict[Annotated[str, Field(pattern=REGION)], Moment] = Field(default_factory=dict, max_length=300)


class Proposal(Reasoned, Planned):
    """Why, from when on, and at which pace, in subjects a second; without one the wave goes as fast as it can."""

    pace: Annotated[int, Field(strict=True, ge=1, le=MOST_PACE)] | None = None


class Approval(Said):
    """`override` says why a date is earlier than a region's notice allows."""

    override: Text | None = None

    @property
    def words(self) -> dict[str, str]:
        """The reason of the override, where there is one."""
        return {"override": self.override} if self.override is not None else {}


NOTHING = Bare()
INPUTS: dict[str, type[Said]] = {
    "propose": Proposal,
    "reject": Reasoned,
    "approve": Approval,
    "take_back": Reasoned,
    **dict.fromkeys(("withdraw", "halt", "resume"), Bare),
}


def read(event: str, said: Mapping[str, Any]) -> Said:
    """Validate the input of a move.

    Raises:
        RefusedError: `invalid`, naming the field.
    """
    model = INPUTS.get(event)
    if model is None:
        raise RefusedError(Code.INVALID, "no_move", "do", kind="version", move=event)
    return validated(model, said)


def validated(model: type[S], said: Mapping[str, Any]) -> S:
    """Validate an input.

    Raises:
        RefusedError: `invalid`, naming the field.
    """
    try:
        return model.model_validate(dict(said))
    except ValidationError as error:
        raise refused(error) from None
