"""Is a file of parts whole, and nothing else? Decoders read what is broken off, and what has something behind it."""

import struct
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile

from desk.evidence.decoding.verdict import UnfitError, Verdict

_SEGMENT, _EBML = 0x18538067, 0x1A45DFA3


def must_be_one(file: BinaryIO) -> None:
    """Refuse what an unpacker reads, too: it looks for its directory at the end.

    Raises:
        UnfitError: it is an archive, too.
    """
    try:
        with ZipFile(file):
            raise UnfitError(Verdict.BROKEN)
    except (BadZipFile, NotImplementedError, ValueError, OSError, EOFError):
        return


def boxes(file: BinaryIO) -> bool:
    """Whether the boxes of an ISO media file (ISO/IEC 14496-12) fill it to its end."""
    end, place = file.seek(0, 2), 0
    while place < end:
        file.seek(place)
        head = file.read(16)
        if len(head) < 8 or not head[4:8].isascii():
            return False
        size, skip = struct.unpack(">I", head[:4])[0], 8
        if size == 1 and len(head) == 16:
            size, skip = struct.unpack(">Q", head[8:])[0], 16
        if size == 0:
            return True
        if size < skip:
            return False
        place += size
    return place == end


def elements(file: BinaryIO) -> bool:
    """Whether the elements of an EBML file (RFC 8794) fill it to its end; the last need not say where that is."""
    end, place, names = file.seek(0, 2), 0, list[int]()
    while place < end:
        file.seek(place)
        head = file.read(16)
        name, size = _number(head, marked=True), None
        if name is not None:
            size = _number(head[name[1] :])
        if name is None or size is None:
            return False
        names.append(name[0])
        place += name[1] + size[1]
        if size[0] == (1 << (7 * size[1])) - 1:  # a recording that did not know its end
            break
        place += size[0]
    else:
        if place != end:
            return False
    return names[:1] == [_EBML] and _SEGMENT in names


def _number(head: bytes, *, marked: bool = False) -> tuple[int, int] | None:
    """A number of EBML, and how many bytes it has; names keep the bit that marks their length."""
    length = 9 - head[0].bit_length() if head and head[0] else 9
    if length > 8 or len(head) < length:
        return None
    value = int.from_bytes(head[:length], "big")
    return (value if marked else value ^ (1 << (7 * length))), length
