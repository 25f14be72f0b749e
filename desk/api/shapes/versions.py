"""The bodies of a version's moves: the engine's own inputs (`activities/rollout/input.py`), with examples."""

from typing import Annotated, Literal

from pydantic import Field
from pydantic.types import StringConstraints

from activities.entered import Text
from activities.rollout import input as inputs
from desk.api.shapes.words import WHOLE, Asked, Instant, Shown
from rulebook.files import MOST_BYTES, MOST_FILES, NAME
from rulebook.terms import REGION
from states.version_terms import VersionStatus

DIGEST = r"^[0-9a-f]{64}$"
_DIGEST = "4f9d1c0be21e8a7a3f5d60c2b7914e83c05ad96f1b4e72d8a90c3f6e15b8d724"
_Region = Annotated[str, StringConstraints(pattern=REGION)]


class File(Asked):
    """A file of a rulebook: `base.yaml`, an overlay, or the texts of a language."""

    name: Annotated[str, StringConstraints(strict=True, pattern=NAME), Field(examples=["base.yaml"])]
    text: Annotated[str, StringConstraints(strict=True, max_length=MOST_BYTES), Field(examples=["key: live\n"])]


class NewVersion(Asked):
    """A version, by its files. What is wrong with them is told by file and line, and nothing is kept."""

    files: Annotated[list[File], Field(min_length=1, max_length=MOST_FILES)]


class Propose(inputs.Proposal):
    """Propose it, to follow the newest version that was approved."""

    do: Literal["propose"]
    reasons: Text = Field(examples=["Gambling has doubled since January."])
    in_force_from: Instant = Field(description="In every region that `regions` does not name.")
    regions: dict[_Region, Instant] = Field(
        default_factory=dict, max_length=300, description="Regions with another date.", examples=[{}]
    )
    pace: Annotated[
        int | None,
        Field(strict=True, ge=1, le=inputs.MOST_PACE, description="Of the wave, in subjects a second."),
        WHOLE,
    ] = None


class Withdraw(inputs.Bare):
    do: Literal["withdraw"]


class RejectVersion(inputs.Reasoned):
    do: Literal["reject"]
    reasons: Text


class ApproveVersion(inputs.Approval):
    """Approve what somebody else wrote and proposed."""

    do: Literal["approve"]
    override: Text | None = Field(
        default=None, description="Why it takes force earlier than a region's notice (`versions.notice`) allows."
    )


class Halt(inputs.Bare):
    do: Literal["halt"]


class Resume(inputs.Bare):
    do: Literal["resume"]


class TakeBack(inputs.Reasoned):
    do: Literal["take_back"]
    reasons: Text


VersionMove = Annotated[
    Propose | Withdraw | RejectVersion | ApproveVersion | Halt | Resume | TakeBack, Field(discriminator="do")
]


class VersionMoved(Shown):
    """How the version now stands; `moves` counts its moves, and is its `ETag`."""

    version: str = Field(description="Its digest: what a case pins.", examples=[_DIGEST])
    status: VersionStatus
    follows: str | None = Field(examples=[_DIGEST])
    moves: int
    at: Instant
