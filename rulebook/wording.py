"""A title or a text of the policy in several languages, and which of them a reader gets."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, TypeAdapter
from pydantic.types import StringConstraints
from pydantic_core import CoreSchema, core_schema

from rulebook.misfit import refusing
from rulebook.terms import Language

# The language of a plain text, and the one shown to a reader whose language a text lacks.
ENGLISH = "en"
# The fields that hold wordings, in whatever statement they stand.
WORDED = ("title", "text")
Said = Annotated[str, StringConstraints(strict=True)]

_SAID = TypeAdapter(dict[Language, Said])


class Wording(Mapping[str, str]):
    """One title or text, immutable: its wording by language tag, sorted by tag.

    A file writes `{en: Poaching, vi: …}`, or a plain text, which is English.
    """

    __slots__ = ("_said",)

    def __init__(self, said: Mapping[str, str]) -> None:
        self._said = dict(sorted(said.items()))

    def in_language(self, tag: str) -> str:
        """Give the text in a language, by its BCP 47 tag: `zh-Hant`, else `zh`, else English, else the first."""
        said = {own.lower(): text for own, text in self._said.items()}
        parts = tag.lower().split("-")
        asked = ["-".join(parts[:length]) for length in range(len(parts), 0, -1)]
        return next((said[name] for name in (*asked, ENGLISH) if name in said), next(iter(said.values())))

    def __getitem__(self, tag: str) -> str:
        return self._said[tag]

    def __iter__(self) -> Iterator[str]:
        return iter(self._said)

    def __len__(self) -> int:
        return len(self._said)

    def __hash__(self) -> int:
        return hash(tuple(self._said.items()))

    def __repr__(self) -> str:
        return f"Wording({self._said})"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Validate from a text, a mapping or a Wording; serialise to a mapping."""
        by_language = core_schema.no_info_before_validator_function(_by_language, _SAID.core_schema)
        return core_schema.no_info_after_validator_function(
            cls, by_language, serialization=core_schema.plain_serializer_function_ser_schema(dict)
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Show editors a text, or texts by language."""
        by_language = _SAID.json_schema() | {"minProperties": 1, "additionalProperties": False}
        return {"anyOf": [{"type": "string"}, by_language]}


def _by_language(value: object) -> Mapping[Any, Any]:
    if isinstance(value, str):
        return {ENGLISH: value}
    if isinstance(value, Mapping) and value:
        return dict(value)
    raise refusing("wording")
