"""A file's pieces: what was stored comes back, whole or in part, and nothing else ever does."""

import os
from collections.abc import AsyncIterator
from tempfile import TemporaryFile

import pytest

from store.pieces import PIECE, AlteredError, new_key, opened, sealed, stored_size, stretch

KEY, WHOLE = new_key(), PIECE + 16


def stored(content: bytes, key: bytes = KEY) -> bytes:
    with TemporaryFile() as file:
        file.write(content)
        return b"".join(sealed(key, file))


async def read(
    kept: bytes, size: int, part: tuple[int, int] | None = None, key: bytes = KEY, by: int = 10_000
) -> bytes:
    """What is read of stored bytes that come in chunks."""
    wanted = part or (0, size)
    first, end = stretch(size, wanted)

    async def chunks() -> AsyncIterator[bytes]:
        for at in range(first, min(end, len(kept)), by):
            yield kept[at : min(at + by, end)]

    return b"".join([piece async for piece in opened(key, size, chunks(), wanted)])


@pytest.mark.parametrize("size", [1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 3 * PIECE + 7])
async def test_what_was_stored_comes_back_whole_and_in_parts(size: int) -> None:
    content = os.urandom(size)
    kept = stored(content)
    assert (len(kept), stored(content)) == (stored_size(size), kept)
    assert stored(content, new_key()) != kept
    edges = sorted({at for edge in range(0, size + 1, PIECE) for at in (edge - 1, edge, edge + 1) if 0 <= at <= size})
    for by in (1 << 10, WHOLE, 1 << 20):
        assert await read(kept, size, by=by) == content
    for first in edges:
        for end in (end for end in edges if end > first):
            assert await read(kept, size, (first, end)) == content[first:end], (first, end)


async def test_a_part_is_read_by_its_pieces_alone() -> None:
    content = os.urandom(3 * PIECE)
    kept = stored(content)
    assert stretch(len(content), (PIECE + 5, PIECE + 6)) == (WHOLE, 2 * WHOLE)
    torn = bytes(WHOLE) + kept[WHOLE : 2 * WHOLE] + bytes(WHOLE)
    assert await read(torn, len(content), (PIECE + 5, PIECE + 9)) == content[PIECE + 5 : PIECE + 9]


async def test_what_was_altered_is_never_given() -> None:
    size = 3 * PIECE
    content = os.urandom(size)
    kept, other = stored(content), stored(content, new_key())
    one, two, three = (kept[at : at + WHOLE] for at in range(0, 3 * WHOLE, WHOLE))
    wrong = {
        "a bit": kept[:-1] + bytes([kept[-1] ^ 1]),
        "two in each other's place": two + one + three,
        "one left out": one + three,
        "one twice": one + one + three,
        "another file's": one + other[WHOLE : 2 * WHOLE] + three,
        "cut": kept[:-1],
        "without its last": one + two,
        "nothing": b"",
    }
    for what, bytes_ in wrong.items():
        with pytest.raises(AlteredError):
            pytest.fail(f"{what}: {len(await read(bytes_, size))} bytes were given")
    with pytest.raises(AlteredError):  # a shorter file's last piece is not this one's middle
        await read(stored(content[:PIECE]), size, (0, 5))
    with pytest.raises(AlteredError):  # and a longer file is not one that ends here
        await read(kept[:WHOLE], PIECE)
    with pytest.raises(AlteredError):
        await read(kept, size, key=new_key())
