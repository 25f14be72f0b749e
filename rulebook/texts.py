"""How is a policy translated? By one file a language, merged over the layers whose texts it translates.

It holds, by section and internal key, a clause's title and text, and the text of a restriction, penalty or statute.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from rulebook.fault import MISSING, Fault, RulebookError
from rulebook.layer import Layer, Path, items
from rulebook.misfit import misfit
from rulebook.mistake import Mistake
from rulebook.provenance import Key
from rulebook.terms import Language, Restriction
from rulebook.wording import ENGLISH, Said

_LANGUAGE = TypeAdapter(Language)
_NAMES = {"restrictions": "restriction", "clauses": "clause", "penalties": "penalty", "statutes": "statute"}

Keys = set[tuple[str, str]]


class ClauseTexts(BaseModel):
    """A clause's title and text in one language; what is left out is not translated."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Said | None = None
    text: Said | None = None


class Sections(BaseModel):
    """The file of a language, by internal key."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    restrictions: Annotated[dict[Restriction, Said], Field(default_factory=dict)]
    clauses: Annotated[dict[Key, ClauseTexts], Field(default_factory=dict)]
    penalties: Annotated[dict[Key, Said], Field(default_factory=dict)]
    statutes: Annotated[dict[Key, Said], Field(default_factory=dict)]


@dataclass(frozen=True)
class Texts:
    """The texts of a policy in one language: what the file states, by section and internal key."""

    language: str
    file: str
    content: Mapping[str, Any]
    within: Path = ()

    @classmethod
    def of(cls, language: str, file: str, content: object, within: Path = ()) -> "Texts":
        """Read the file of a language.

        Raises:
            RulebookError: `language` is no tag of BCP 47, or `content` does not fit `Sections`.
        """
        try:
            _LANGUAGE.validate_python(language)
        except ValidationError:
            at = within or ("(file)",)
            raise RulebookError(file, "(language)", language, Mistake("language"), at=at) from None
        try:
            Sections.model_validate(content)
        except ValidationError as error:
            raise RulebookError.of([_fault(file, within, one) for one in error.errors(include_url=False)]) from None
        return cls(language, file, content if isinstance(content, Mapping) else {}, within)

    def keys(self) -> Keys:
        """The section and the internal key of everything that the file translates."""
        return {(section, key) for section, said in self.content.items() for key in said}

    def layer(self, below: Layer, keys: Keys) -> Layer:
        """Give the file's texts of some keys, as a layer to merge over `below`, which states them."""
        content = {
            section: [
                {"key": key} | {field: {self.language: text} for field, text in _fields(stated).items()}
                for key, stated in said.items()
                if (section, key) in keys
            ]
            for section, said in self.content.items()
        }
        said = {name: part for name, part in content.items() if part}
        return Layer(below.origin, self.file, said, translates=True, within=self.within)


def translated(layers: Sequence[Layer], texts: Sequence[Texts]) -> Iterator[Layer]:
    """Give each layer and, after it, translations of what it states first: a later layer's own text replaces them."""
    for layer, keys in _firsts(layers):
        yield layer
        yield from (one.layer(layer, keys & one.keys()) for one in texts if keys & one.keys())


def unfit(chains: Sequence[Sequence[Layer]], texts: Sequence[Texts]) -> Iterator[Fault]:
    """Give the translations of keys that no layer states, and those that the stating layer has in that language."""
    stated = {key for layers in chains for layer in layers for key in _keys(layer)}
    for one in texts:
        for section, key in sorted(one.keys() - stated):
            at = (*one.within, section, key)
            yield Fault(one.file, f"{section}.{key}", MISSING, Mistake(f"no_{_NAMES[section]}"), at)
        for layer, keys in (first for layers in chains for first in _firsts(layers)):
            for section, key in sorted(keys & one.keys()):
                own = (items(layer.content[section]) or {})[key]
                for field, text in _fields(one.content[section][key]).items():
                    if one.language in _languages(own.get(field)):
                        at = (section, key, field, one.language)
                        mistake = Mistake("stated_elsewhere", file=layer.file)
                        yield Fault(one.file, ".".join(at), text, mistake, (*one.within, *at))


def _firsts(layers: Sequence[Layer]) -> Iterator[tuple[Layer, Keys]]:
    """Give each layer with the keys that none before it states."""
    known: Keys = set()
    for layer in layers:
        yield layer, _keys(layer) - known
        known |= _keys(layer)


def _keys(layer: Layer) -> Keys:
    return {(section, key) for section in _NAMES for key in items(layer.content.get(section)) or {}}


def _fields(stated: object) -> dict[str, str]:
    return {"text": stated} if isinstance(stated, str) else dict(stated) if isinstance(stated, Mapping) else {}


def _languages(wording: object) -> set[str]:
    return {ENGLISH} if isinstance(wording, str) else set(wording) if isinstance(wording, Mapping) else set()


def _fault(file: str, within: Path, error: ErrorDetails) -> Fault:
    at = tuple(str(step) for step in error["loc"] if step != "[key]")
    return Fault(file, ".".join(at) or "(file)", error["input"], misfit(error), (*within, *at))
