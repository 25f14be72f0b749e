"""A request's JSON, strictly: UTF-8, no name twice, no number that is none; values, names and levels are bounded."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, NoReturn

from desk.refusal import ProblemError
from rulebook.characters import whole
from states.terms import Code

# Whoever fills a body with values writes one in two bytes; one that says something has many more.
BYTES_A_VALUE = 8
DEEPEST = 32
# Of one object; ours have some twenty, and for each that is unknown the validation makes an error.
MOST_NAMES = 100
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
Path = tuple[str | int, ...]
# By `id`; the object itself is kept, so that no other gets its `id`.
Doubled = dict[int, tuple[dict[str, Any], str]]


def parsed(body: bytes, most: int) -> Any:
    """The value that a body says. `most`: the bytes that its route takes; an eighth of that is its number of values.

    Raises:
        ProblemError: `invalid`, naming the path of a name that is said twice, or of text that is none.
    """
    opened = body.count(b"[") + body.count(b"{")
    # Commas and brackets inside texts count, too: a bound need not be exact, but it is found before anything is built.
    if opened + body.count(b",") > most // BYTES_A_VALUE:
        raise ProblemError(Code.INVALID, "too_many_values", "body", most=most // BYTES_A_VALUE)
    said, doubled = _loaded(body)
    if opened > DEEPEST and _too_deep(said):
        raise ProblemError(Code.INVALID, "too_deep", "body", most=DEEPEST)
    if doubled:
        raise ProblemError(Code.INVALID, "said_twice", _named(_twice(said, doubled)))
    if _SURROGATE.search(body):
        _must_be_text(said)
    return said


def _loaded(body: bytes) -> tuple[Any, Doubled]:
    """What is said, and which of its objects say which name twice."""
    doubled: Doubled = {}

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(pairs) > MOST_NAMES:
            raise ProblemError(Code.INVALID, "too_many_names", "body", most=MOST_NAMES)
        made = dict(pairs)
        if len(made) < len(pairs):
            doubled[id(made)] = made, Counter(name for name, _ in pairs).most_common(1)[0][0]
        return made

    try:
        return json.loads(body.decode(), object_pairs_hook=once, parse_constant=_no_constant), doubled
    except json.JSONDecodeError as error:
        raise _no_json(error.msg, error.pos) from None
    except UnicodeDecodeError as error:
        raise _no_json("no UTF-8", error.start) from None
    except RecursionError:
        raise ProblemError(Code.INVALID, "too_deep", "body", most=DEEPEST) from None
    except ValueError:  # a number of thousands of digits
        raise _no_json("no number", 0) from None


def _no_constant(name: str) -> NoReturn:
    raise json.JSONDecodeError(f"{name} is no value", "", 0)


def _no_json(error: str, place: int) -> ProblemError:
    return ProblemError(Code.INVALID, "json_invalid", "body", error=error, place=place)


def _walk(said: Any) -> Iterator[tuple[Path, Any]]:
    """All values with their paths, the outer before the inner, level by level."""
    level: list[tuple[Path, Any]] = [((), said)]
    while level:
        yield from level
        level = [((*path, name), inner) for path, value in level for name, inner in _inside(value)]


def _inside(value: Any) -> Iterator[tuple[str | int, Any]]:
    if isinstance(value, dict):
        yield from value.items()
    elif isinstance(value, list):
        yield from enumerate(value)


def _too_deep(said: Any) -> bool:
    """Whether it has more than `DEEPEST` levels; looked at level by level, and no further than those."""
    level = [said]
    for _ in range(DEEPEST):
        level = [inner for value in level for _, inner in _inside(value)]
    return any(True for value in level for _ in _inside(value))


def _twice(said: Any, doubled: Doubled) -> Path:
    """The path of the first name that is said twice; the outermost such object is always there to be found."""
    return next((*path, doubled[id(value)][1]) for path, value in _walk(said) if id(value) in doubled)


def _must_be_text(said: Any) -> None:
    for path, value in _walk(said):
        for text in (value, path[-1] if path else ""):
            if isinstance(text, str) and not whole(text):
                raise ProblemError(Code.INVALID, "input.no_text", _named(path))


def _named(path: Path) -> str:
    """`violations.7.against`, in letters that every answer can have, and not too many of them."""
    return ".".join(str(part) for part in path).encode(errors="replace").decode()[:200]
