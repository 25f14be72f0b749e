"""How are the bytes of a file encrypted? In pieces of 64 KiB, each with its number, so that a part is read alone.

A key is of one file alone. A piece's nonce is its number, and whether it is the last: so none can be cut off, put in
another's place or left out without being found. The same file and key make the same bytes.
"""

from collections.abc import AsyncIterator, Iterator
from io import SEEK_END, BufferedRandom, BufferedReader

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

PIECE, _TAG = 64 * 1024, 16
_WHOLE = PIECE + _TAG
# From one byte up to before another.
Part = tuple[int, int]


class AlteredError(Exception):
    """What is stored is not what was brought."""


def new_key() -> bytes:
    """A key of 32 random bytes."""
    return AESGCM.generate_key(256)


def stored_size(size: int) -> int:
    """How many bytes a file of `size` bytes is when it is encrypted."""
    return size + _TAG * -(-size // PIECE)


def sealed(key: bytes, file: BufferedRandom | BufferedReader) -> Iterator[bytes]:
    """The pieces of a file, encrypted, from its beginning."""
    cipher, last = AESGCM(key), _last(file.seek(0, SEEK_END))
    file.seek(0)
    for number in range(last + 1):
        yield cipher.encrypt(_nonce(number, last), file.read(PIECE), None)


def stretch(size: int, part: Part) -> Part:
    """Which stored bytes must be read for a part of a file of `size` bytes: those of whole pieces."""
    first, end = part
    return first // PIECE * _WHOLE, min(((end - 1) // PIECE + 1) * _WHOLE, stored_size(size))


async def opened(key: bytes, size: int, chunks: AsyncIterator[bytes], part: Part) -> AsyncIterator[bytes]:
    """A part of a file of `size` bytes, of the chunks of its `stretch`; each piece is given once it is proved.

    Raises:
        AlteredError: the next piece is not as it was stored, or is missing.
    """
    cipher, last = AESGCM(key), _last(size)
    (first, end), held = part, bytearray()
    number = first // PIECE
    async for chunk in chunks:
        held += chunk
        while held and len(held) >= (length := min(_WHOLE, stored_size(size) - number * _WHOLE)):
            try:
                plain = cipher.decrypt(_nonce(number, last), bytes(held[:length]), None)
            except InvalidTag:
                raise AlteredError from None
            del held[:length]
            at = number * PIECE
            yield plain[max(first - at, 0) : end - at]
            number += 1
    if held or number * PIECE < end:
        raise AlteredError


def _last(size: int) -> int:
    return (size - 1) // PIECE


def _nonce(number: int, last: int) -> bytes:
    return number.to_bytes(11, "big") + bytes([number == last])
