"""Where does a number come from? Every statement of a rulebook names its source or says that it is illustrative."""

from typing import Annotated, Any, Generic, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, Strict, model_validator

from rulebook.misfit import refusing

# fmt: off
Points = Annotated[int, Strict(), Field(ge=0)]
Count  = Annotated[int, Strict(), Field(ge=1)]
Key    = Annotated[str, Strict(), Field(pattern=r"^[a-z0-9_]+(\.[a-z0-9_]+)*$")]
Source = Annotated[str, Strict(), Field(pattern=r"^(S \d{3}|P \S.*)$")]
Flag   = Annotated[bool, Strict()]
# fmt: on

STATED = ("source", "illustrative")

T = TypeVar("T")


def _one_of_both(schema: dict[str, Any]) -> None:
    schema["oneOf"] = [{"required": [name]} for name in STATED]


class Provenance(BaseModel):
    """A statement and its origin: `source: S 001` (a source document), `source: P …` (public knowledge), or neither.

    What neither a source document nor public knowledge gives is our own choice: `illustrative: true`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=_one_of_both)

    source: Source | None = None
    illustrative: Flag = False

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if (self.source is not None) == self.illustrative:
            raise refusing("origin")
        return self


class Stated(Provenance, Generic[T]):
    """One value and its origin: a procedure key or a time zone."""

    value: T
