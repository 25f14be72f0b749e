"""Which characters make a text, which a name, and how are they shown? One meaning for files, engine and desk.

Both are in NFC, so that the same words are the same however a keyboard composed them.
"""

import re
import unicodedata
from collections.abc import Iterable

Ranges = tuple[tuple[int, int], ...]

# fmt: off
_CONTROL: Ranges = ((0x00, 0x08), (0x0B, 0x1F), (0x7F, 0x9F))  # C0 but tab and newline, DEL, C1
_BIDI: Ranges = ((0x061C, 0x061C), (0x200E, 0x200F), (0x202A, 0x202E), (0x2066, 0x2069))
_LINES: Ranges = ((0x2028, 0x2029),)  # separators of lines and paragraphs
# Beside the space, nothing is drawn for these: the categories Z, Cc, Cf, Cs and Co, whatever is Default_Ignorable,
# noncharacters, and letters and signs that are blank. What Unicode has not assigned yet may be seen one day.
_UNSEEN: Ranges = (
    (0x0000, 0x001F), (0x007F, 0x00A0), (0x00AD, 0x00AD), (0x034F, 0x034F), (0x0600, 0x0605), (0x061C, 0x061C),
    (0x06DD, 0x06DD), (0x070F, 0x070F), (0x0890, 0x0891), (0x08E2, 0x08E2), (0x115F, 0x1160), (0x1680, 0x1680),
    (0x17B4, 0x17B5), (0x180B, 0x180F), (0x2000, 0x200F), (0x2028, 0x202F), (0x205F, 0x206F), (0x2800, 0x2800),
    (0x3000, 0x3000), (0x3164, 0x3164), (0xD800, 0xF8FF), (0xFDD0, 0xFDEF), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0), (0xFFF0, 0xFFFB), (0xFFFE, 0xFFFF), (0x110BD, 0x110BD), (0x110CD, 0x110CD),
    (0x13430, 0x1343F), (0x16FE4, 0x16FE4), (0x1BCA0, 0x1BCA3), (0x1D159, 0x1D159), (0x1D173, 0x1D17A),
    *((plane + 0xFFFE, plane + 0xFFFF) for plane in range(0x10000, 0xE0000, 0x10000)),
    (0xE0000, 0xE0FFF), (0xEFFFE, 0x10FFFF),
)
# fmt: on


def _class(ranges: Iterable[tuple[int, int]]) -> str:
    """The ranges as a regular expression has them in brackets; without surrogates, which not every engine knows."""
    known = [part for first, last in ranges for part in ((first, min(last, 0xD7FF)), (max(first, 0xE000), last))]
    return "".join(f"{_escaped(first)}-{_escaped(last)}" for first, last in known if first <= last)


def _escaped(code: int) -> str:
    return f"\\u{code:04x}" if code <= 0xFFFF else chr(code)


# How schemas say it (OpenAPI): a text, a name, and a name that is one segment of a path. Of ASCII it is the whole rule;
# what Unicode calls a control character, or draws nothing for, is refused all the same.
TEXT = r"^[^\x00-\x08\x0b-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x08\x0b-\x1f\x7f]*$"
NAME = r"^[^\x00-\x20\x7f]([^\x00-\x1f\x7f]*[^\x00-\x20\x7f])?$"
SEGMENT = r"^[^\x00-\x20\x7f./]([^\x00-\x1f\x7f/]*[^\x00-\x20\x7f/])?$"

_SURROGATES = "\ud800-\udfff"
_HALF = re.compile(f"[{_SURROGATES}]")
_NO_TEXT = re.compile(f"[{_class(_CONTROL)}{_SURROGATES}]")
_SEEN = re.compile(f"[^ {_class(_UNSEEN)}{_SURROGATES}]")
_NO_NAME = re.compile(rf"\A | \Z|[{_class(_UNSEEN)}{_SURROGATES}]")
_STEERING = re.compile(f"[{_class((*_CONTROL, *_BIDI, *_LINES))}{_SURROGATES}]")


class CharacterError(ValueError):
    """Characters are no text, or no name; `key` says why.

    `no_text`: control characters but tab and newline, or half a character of UTF-16. `blank`: nothing that is seen.
    `no_name`: more than one line, spaces around it, or characters that are not seen.
    """

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def text(written: str) -> str:
    """The text in NFC, its lines ended by newlines.

    Raises:
        CharacterError: `no_text`, or `blank`.
    """
    given = written.replace("\r\n", "\n")
    if _NO_TEXT.search(given):
        raise CharacterError("no_text")
    if not says(given):
        raise CharacterError("blank")
    return unicodedata.normalize("NFC", given)


def name(written: str) -> str:
    """The name of somebody or something in NFC: one line, without characters that nobody sees.

    Raises:
        CharacterError: `blank`, or `no_name`.
    """
    if not says(written):
        raise CharacterError("blank")
    if _NO_NAME.search(written):
        raise CharacterError("no_name")
    return unicodedata.normalize("NFC", written)


def says(written: str) -> bool:
    """Whether something is seen of it."""
    return bool(_SEEN.search(written))


def whole(written: str) -> bool:
    """Whether all characters are whole: none is half of a pair of UTF-16, which nothing stores or sends."""
    return not _HALF.search(written)


def shown(written: str) -> str:
    r"""The text as a terminal may have it: what steers one, or turns the direction, is written as `\u202e`."""
    return _STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", written)
