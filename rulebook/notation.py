"""How is YAML read? By one strict rule for rulebooks and scenarios: what YAML's readers read differently is refused.

It is text, `true` and `false`, null, plain decimals, lists, and mappings with text keys. `NO` and `12:30` are text.
"""

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from yaml.events import DocumentStartEvent, MappingEndEvent, ScalarEvent, SequenceEndEvent, StreamEndEvent

from rulebook.fault import short
from rulebook.mistake import Mistake

Place = tuple[int | str, ...]

BYTES = 2 * 1024 * 1024
DEPTH = 32
VALUES = 20_000
DIGITS = 15

_CONSTANTS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
# What some reader of YAML takes for a number: 0x1F, 0o17, 017, 1_000, 1e3, +3, .5, .inf. A time such as 12:30 is text.
_OTHER_NUMBER = re.compile(
    r"[-+]?(0[xob][0-9a-fA-F_]+|\.?[0-9][0-9_]*(\.[0-9_]*)?([eE][-+]?[0-9]+)?|\.(inf|Inf|INF))|\.(nan|NaN|NAN)"
)
_TAB = re.compile(" *\t")
_RESERVED = ("@", "`", "*", "&", "!")
# What the parser says, by how it begins, and which mistake that is.
_KINDS = {
    "mapping values are not allowed": "mapping",
    "did not find expected ','": "bracket",
    "did not find expected node content": "bracket",
    "found unexpected end of stream": "quote",
    "could not find expected ':'": "colon",
    "did not find expected key": "indent",
    "did not find expected '-'": "indent",
    "did not find expected <document start>": "indent",
    "block sequence entries are not allowed": "indent",
}
_NO_TEXT = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


class NotationError(ValueError):
    """A text is no YAML, or uses what is refused here.

    Attributes:
        line: the line, from 1.
        place: the keys, and the list indexes from 0, that lead to the fault; empty where the whole text is at fault.
        mistake: what is wrong there.
        message: the same in English, without the line.
        column: of what is no YAML, where in the line, from 1.
    """

    def __init__(self, line: int, mistake: Mistake, place: Place = (), *, column: int | None = None) -> None:
        super().__init__(f"{mistake.message} (line {line})")
        self.column = column
        self.line = line
        self.mistake = mistake
        self.message = mistake.message
        self.place = place


def read(path: Path) -> object:
    """Read a file; see `parse`.

    Raises:
        OSError: the file can't be read.
        NotationError: see `parse`.
    """
    with path.open("rb") as file:
        return parse(file.read(BYTES + 1))


def parse(raw: bytes) -> object:
    """Read one document of YAML; an empty one is None.

    Raises:
        NotationError: it is no YAML, larger than 2 MiB, of more than 20,000 values, or uses what is refused: anchors,
            tags, `<<`, a key twice, …
    """
    text = _text(raw)
    try:
        return _document(_counted(yaml.parse(text, yaml.CSafeLoader)))
    except yaml.MarkedYAMLError as error:
        raise _no_yaml(text, error) from None


def _text(raw: bytes) -> str:
    if len(raw) > BYTES:
        raise NotationError(raw[:BYTES].count(b"\n") + 1, Mistake("large_file", most=BYTES // 1024 // 1024))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotationError(raw[: error.start].count(b"\n") + 1, Mistake("not_utf8")) from None
    if found := _NO_TEXT.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise NotationError(line, Mistake("character", code=f"U+{ord(found[0]):04X}"))
    return text


def _no_yaml(text: str, error: yaml.MarkedYAMLError) -> NotationError:
    mark, problem = error.problem_mark or error.context_mark, error.problem or error.context
    line, column = (mark.line, mark.column) if mark else (0, 0)
    written = "".join(text.splitlines()[line : line + 1])
    character = written[column : column + 1]
    kind = next((kind for beginning, kind in _KINDS.items() if f"{problem}".startswith(beginning)), None)
    if character == "\t" or _TAB.match(written):
        mistake = Mistake("tab")
    elif character in _RESERVED:
        mistake = Mistake("reserved", character=character)
    else:
        mistake = Mistake(kind) if kind else Mistake("other", problem=f"{problem}")
    return NotationError(line + 1, mistake, column=column + 1)


def _counted(events: Iterator[Any]) -> Iterator[Any]:
    """The events, as long as there are not too many values: what is read must not cost more than it says."""
    for number, event in enumerate(events):
        if number > 2 * VALUES:
            raise _refused(event, Mistake("many_values", most=VALUES))
        yield event


def _document(events: Iterator[Any]) -> object:
    next(events)
    if isinstance(next(events), StreamEndEvent):
        return None
    content = _value(events, next(events), ())
    next(events)
    after = next(events)
    if isinstance(after, DocumentStartEvent):
        raise _refused(after, Mistake("second_document"))
    return content


def _value(events: Iterator[Any], event: Any, place: Place) -> object:
    _refuse_shorthand(event, place)
    if isinstance(event, ScalarEvent):
        return _scalar(event, place)
    if len(place) == DEPTH:
        raise _refused(event, Mistake("nested", most=DEPTH))
    if isinstance(event, yaml.SequenceStartEvent):
        return _list(events, place)
    return _mapping(events, place)


def _list(events: Iterator[Any], place: Place) -> list[object]:
    content: list[object] = []
    while not isinstance(event := next(events), SequenceEndEvent):
        content.append(_value(events, event, (*place, len(content))))
    return content


def _mapping(events: Iterator[Any], place: Place) -> dict[str, object]:
    content: dict[str, object] = {}
    while not isinstance(event := next(events), MappingEndEvent):
        key = _key(event, place)
        if key in content:
            raise _refused(event, Mistake("given_twice"), (*place, key))
        content[key] = _value(events, next(events), (*place, key))
    return content


def _key(event: Any, place: Place) -> str:
    _refuse_shorthand(event, place)
    if not isinstance(event, ScalarEvent):
        raise _refused(event, Mistake("key_compound"), place)
    if event.implicit[0] and event.value == "<<":
        raise _refused(event, Mistake("merged"), place)
    here = (*place, event.value)
    key = _scalar(event, here)
    if not isinstance(key, str):
        raise _refused(event, Mistake("key_no_text", name=short(event.value)), here)
    return key


def _refuse_shorthand(event: Any, place: Place) -> None:
    if isinstance(event, yaml.AliasEvent):
        raise _refused(event, Mistake("alias", name=short(event.anchor or "")), place)
    if event.anchor is not None:
        raise _refused(event, Mistake("anchor", name=short(event.anchor)), place)
    if event.tag is not None:
        raise _refused(event, Mistake("tag"), place)


def _scalar(event: ScalarEvent, place: Place) -> object:
    text = unicodedata.normalize("NFC", event.value)
    if _NO_TEXT.search(text):
        raise _refused(event, Mistake("escaped"), place)
    if not event.implicit[0]:
        return text
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _NUMBER.fullmatch(text):
        return _number(event, place)
    if _OTHER_NUMBER.fullmatch(text):
        raise _refused(event, Mistake("number", written=short(text)), place)
    return text


def _number(event: ScalarEvent, place: Place) -> int | float:
    text = event.value
    if sum(map(str.isdigit, text)) > DIGITS:
        raise _refused(event, Mistake("digits", written=short(text), most=DIGITS), place)
    return float(text) if "." in text else int(text)


def _refused(event: Any, mistake: Mistake, place: Place = ()) -> NotationError:
    return NotationError(event.start_mark.line + 1, mistake, place)
