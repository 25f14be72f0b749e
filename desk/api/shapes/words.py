"""Types that several shapes share: names, texts, times, pages, and the bases of requests and answers."""

import re
from datetime import datetime
from typing import Annotated

from fastapi import Query
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic.types import StringConstraints
from pydantic_core import PydanticCustomError

from activities.entered import LONGEST_NAME, Name
from rulebook import characters
from rulebook.terms import REGION

_RFC_3339 = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)
# Outside these years a time can't be converted to every zone.
_FIRST_YEAR, _LAST_YEAR = 2, 9998


def _segment(name: str) -> str:
    if "/" in name or name.startswith("."):
        raise PydanticCustomError("in_path", "no segment of a path")
    return name


# A name in a path is one segment, and does not begin with a dot: clients resolve `..`.
InPath = Annotated[
    Name,
    AfterValidator(_segment),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": LONGEST_NAME, "pattern": characters.SEGMENT}),
]


def _moment(value: object) -> object:
    if not isinstance(value, datetime) and not (isinstance(value, str) and _RFC_3339.fullmatch(value)):
        raise PydanticCustomError("moment", "no moment")
    return value


def _in_reach(value: datetime) -> datetime:
    if not _FIRST_YEAR <= value.year <= _LAST_YEAR:
        raise PydanticCustomError("year", "out of reach", {"first": _FIRST_YEAR, "last": _LAST_YEAR})
    return value


def _whole(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


Instant = Annotated[
    AwareDatetime,
    BeforeValidator(_moment),
    AfterValidator(_in_reach),
    PlainSerializer(lambda at: at.isoformat(), return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-03-02T02:00:00+00:00"]}),
]
# The page of a list: from where on, and how many rows.
Cursor = Annotated[str | None, Query(max_length=1000, description="The `next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=100)]
# The largest whole number that every reader of JSON keeps exactly.
MOST_EXACT = 2**53 - 1
# In JSON 3 and 3.0 are the same number.
WHOLE = BeforeValidator(_whole)
Extra = Annotated[
    int, Field(strict=True, ge=0, le=100, description="Points that are taken on top of the standard."), WHOLE
]
Regions = Annotated[list[Annotated[str, StringConstraints(pattern=REGION)]], Field(max_length=50)]


class Asked(BaseModel):
    """A request's body: what it does not name is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Shown(BaseModel):
    """An answer's body."""

    model_config = ConfigDict(frozen=True)
