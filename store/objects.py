"""Where do the bytes of evidence lie? In a folder or a bucket, encrypted, each file named by the SHA-256 of them.

They mean nothing until a row names them: who writes one has stored its bytes before (`store/evidence.py`, `hold`).
"""

import hashlib
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BufferedRandom, BufferedReader
from pathlib import Path
from typing import Any

from obstore.exceptions import NotFoundError

from store import pieces
from store.bucket import Bucket

# At once in memory: two parts of a file on its way in, one chunk on its way out.
_PART, _PARTS, _CHUNK = 5 * 1024 * 1024, 2, 256 * 1024
_HEX = 64
# What a process that was killed was writing, in a folder; nobody writes that long.
_STAGED, _STALE = "*#*", timedelta(hours=1)
_PROBE = "casework"
File = BufferedRandom | BufferedReader


@dataclass(frozen=True)
class Opened:
    """Stored bytes, of which `chunks` gives those that were asked for; `size`: how many there are in all."""

    size: int
    chunks: AsyncIterator[bytes]


class Objects:
    """The stored files, at `file:///a/folder` or `s3://bucket/prefix`. All but `open` block: call them in threads."""

    def __init__(self, url: str) -> None:
        self._bucket = Bucket(url, "Evidence", "CASEWORK_EVIDENCE_URL")

    def check(self) -> None:
        """Write and list, and remove what a killed process left half written.

        Raises:
            AwayError: it can't be used.
        """
        with self._bucket.asking() as objects:
            objects.put(_PROBE, b"Evidence, by its SHA-256.\n")
            next(iter(objects.list(chunk_size=1)), None)
        folder = self._bucket.folder
        for staged in folder.glob(_STAGED) if folder else ():
            if time.time() - staged.stat().st_mtime > _STALE.total_seconds():  # noqa: TID251  # the file system's clock
                staged.unlink(missing_ok=True)

    def keep(self, file: File, key: bytes | None = None) -> str:
        """Store a file, encrypted by its key, and give the hash of what is stored; without a key as it is.

        Under a hash there are all its bytes or none. Again is the same.

        Raises:
            AwayError: it was not stored.
        """
        found = hashlib.sha256()
        with self._bucket.asking() as objects:
            for part in _parts(file, key):
                found.update(part)
            digest = found.hexdigest()
            objects.put(digest, _parts(file, key), chunk_size=_PART, max_concurrency=_PARTS)
            self._bucket.on_disk(digest)
        return digest

    def size(self, digest: str) -> int | None:
        """How many bytes are stored under a hash; None where none are.

        Raises:
            AwayError: it can't be asked.
        """
        with self._bucket.asking() as objects:
            try:
                return objects.head(digest)["size"]
            except (NotFoundError, FileNotFoundError):
                return None

    def proof(self, digest: str) -> tuple[str, int] | None:
        """The hash and the size of what is stored under a hash now, read to the end; None where nothing is.

        Raises:
            AwayError: it can't be read.
        """
        found, size = hashlib.sha256(), 0
        for chunk in self.chunks(digest):
            found.update(chunk)
            size += len(chunk)
        return (found.hexdigest(), size) if size else None

    def copy(self, digest: str, to: Path) -> bool:
        """Copy what is stored under a hash to a new file; whether anything is.

        Raises:
            AwayError: it can't be read.
            OSError: the file can't be written.
        """
        stream = self._stream(digest)
        if stream is None:
            return False
        with to.open("xb") as file:
            for chunk in self._each(stream):
                file.write(chunk)
        return True

    def chunks(self, digest: str) -> Iterator[bytes]:
        """What is stored under a hash, as it is read; of what is not there nothing.

        Raises:
            AwayError: it can't be read to the end.
        """
        yield from self._each(self._stream(digest) or ())

    def listing(self, before: datetime) -> Iterator[str]:
        """The hashes of what was stored, for the last time, before that moment.

        Raises:
            AwayError: it can't be listed to the end.
        """
        with self._bucket.asking() as objects:
            for page in objects.list(chunk_size=1000):
                yield from (one["path"] for one in page if len(one["path"]) == _HEX and one["last_modified"] < before)

    def remove(self, digest: str) -> None:
        """Remove what is stored under a hash, if anything is.

        Raises:
            AwayError: it is perhaps still there.
        """
        with self._bucket.asking() as objects:
            try:
                objects.delete(digest)
            except (NotFoundError, FileNotFoundError):
                return

    async def open(self, digest: str, part: tuple[int, int] | None = None) -> Opened | None:
        """Read what is stored under a hash, or a part of it: from one byte up to before another. None: nothing is.

        Raises:
            AwayError: it can't be read, or, from `chunks`, not to the end.
        """
        with self._bucket.asking() as objects:
            try:
                found = await objects.get_async(digest, options={"range": part} if part else None)
            except (NotFoundError, FileNotFoundError):
                return None
            return Opened(found.meta["size"], self._read(found.stream(_CHUNK)))

    async def _read(self, stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        with self._bucket.asking():
            async for chunk in stream:
                yield bytes(chunk)

    def _stream(self, digest: str) -> Iterable[Any] | None:
        with self._bucket.asking() as objects:
            try:
                return objects.get(digest).stream(_CHUNK)
            except (NotFoundError, FileNotFoundError):
                return None

    def _each(self, stream: Iterable[Any]) -> Iterator[bytes]:
        with self._bucket.asking():
            yield from map(bytes, stream)


def _parts(file: File, key: bytes | None) -> Iterator[bytes]:
    """What is stored of a file, from its beginning."""
    if key is not None:
        yield from pieces.sealed(key, file)
        return
    file.seek(0)
    while part := file.read(_CHUNK):
        yield part
