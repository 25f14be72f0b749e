"""What are the bytes of a file of evidence, as it was brought? Read from where they lie, and decrypted on the way."""

import hashlib
from collections.abc import AsyncIterator

from store import pieces
from store.evidence import Readable
from store.objects import Objects
from store.pieces import AlteredError, Part


async def content(objects: Objects, found: Readable, part: Part | None = None) -> AsyncIterator[bytes] | None:
    """The bytes of a file, or a part of them; None where they are gone, or not so many as were stored.

    Of bytes that were altered the iterator raises `AlteredError` before it gives them; of a file that an older release
    stored only the whole is proved, and its last chunk is kept back until it is.

    Raises:
        AwayError: they can't be read, or, from the iterator, not to the end.
    """
    file, key = found
    if key is None:
        opened = await objects.open(file.hash, part)
        if opened is None or opened.size != file.size:
            return None
        return opened.chunks if part else _proved(opened.chunks, file.hash)
    wanted = part or (0, file.size)
    opened = await objects.open(file.hash, pieces.stretch(file.size, wanted))
    if opened is None or opened.size != pieces.stored_size(file.size):
        return None
    return pieces.opened(key, file.size, opened.chunks, wanted)


async def _proved(chunks: AsyncIterator[bytes], digest: str) -> AsyncIterator[bytes]:
    found, before = hashlib.sha256(), b""
    async for chunk in chunks:
        found.update(chunk)
        if before:
            yield before
        before = chunk
    if found.hexdigest() != digest:
        raise AlteredError
    yield before
