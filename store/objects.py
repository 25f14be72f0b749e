"""Where do the bytes of evidence lie? In a folder or a bucket, each file named by its SHA-256, which never changes.

They mean nothing until a row names them: who writes one has stored its bytes before (`store/evidence.py`, `hold`).
A bucket's credentials come from the environment, as `obstore` reads it (`AWS_…`).
"""

import hashlib
import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BufferedRandom, BufferedReader
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, ObjectStore, S3Store

# At once in memory: two parts of a file on its way in, one chunk on its way out.
_PART, _PARTS, _CHUNK = 5 * 1024 * 1024, 2, 256 * 1024
_HEX = 64
# What a process that was killed was writing, in a folder; nobody writes that long.
_STAGED, _STALE = "*#*", timedelta(hours=1)
_PROBE = "casework"
_PATIENCE = timedelta(seconds=20)
File = BufferedRandom | BufferedReader


class AwayError(Exception):
    """The folder or bucket can't be used now: one sentence, without what proves who asks."""


@dataclass(frozen=True)
class Opened:
    """Stored bytes, of which `chunks` gives those that were asked for; `size`: how many there are in all."""

    size: int
    chunks: AsyncIterator[bytes]


class Objects:
    """The stored files, at `file:///a/folder` or `s3://bucket/prefix`. All but `open` block: call them in threads."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._folder = Path(url2pathname(urlsplit(url).path)) if url.startswith("file:") else None
        self._opened: ObjectStore | None = None

    def check(self) -> None:
        """Write and list, and remove what a killed process left half written.

        Raises:
            AwayError: it can't be used.
        """
        with self._asking() as objects:
            objects.put(_PROBE, b"Evidence, by its SHA-256.\n")
            next(iter(objects.list(chunk_size=1)), None)
        for staged in self._folder.glob(_STAGED) if self._folder else ():
            if time.time() - staged.stat().st_mtime > _STALE.total_seconds():  # noqa: TID251  # the file system's clock
                staged.unlink(missing_ok=True)

    def keep(self, file: File) -> str:
        """Store a file and give its hash; under a hash there are all its bytes or none. Again is the same.

        Raises:
            AwayError: it was not stored.
        """
        file.seek(0)
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        with self._asking() as objects:
            objects.put(digest, file, chunk_size=_PART, max_concurrency=_PARTS)
            self._on_disk(digest)
        return digest

    def size(self, digest: str) -> int | None:
        """How many bytes are stored under a hash; None where none are.

        Raises:
            AwayError: it can't be asked.
        """
        with self._asking() as objects:
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
        with self._asking() as objects:
            try:
                for chunk in objects.get(digest).stream(_CHUNK):
                    found.update(chunk)
                    size += len(chunk)
            except (NotFoundError, FileNotFoundError):
                return None
        return found.hexdigest(), size

    def listing(self, before: datetime) -> Iterator[str]:
        """The hashes of what was stored, for the last time, before that moment.

        Raises:
            AwayError: it can't be listed to the end.
        """
        with self._asking() as objects:
            for page in objects.list(chunk_size=1000):
                yield from (one["path"] for one in page if len(one["path"]) == _HEX and one["last_modified"] < before)

    def remove(self, digest: str) -> None:
        """Remove what is stored under a hash, if anything is.

        Raises:
            AwayError: it is perhaps still there.
        """
        with self._asking() as objects:
            try:
                objects.delete(digest)
            except (NotFoundError, FileNotFoundError):
                return

    async def open(self, digest: str, part: tuple[int, int] | None = None) -> Opened | None:
        """Read what is stored under a hash, or a part of it: from one byte up to before another. None: nothing is.

        Raises:
            AwayError: it can't be read, or, from `chunks`, not to the end.
        """
        with self._asking() as objects:
            try:
                found = await objects.get_async(digest, options={"range": part} if part else None)
            except (NotFoundError, FileNotFoundError):
                return None
            return Opened(found.meta["size"], self._read(found.stream(_CHUNK)))

    async def _read(self, stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        with self._asking():
            async for chunk in stream:
                yield bytes(chunk)

    @contextmanager
    def _asking(self) -> Iterator[ObjectStore]:
        try:
            if self._opened is None:
                self._opened = self._connected()
            yield self._opened
        except (BaseError, OSError) as error:
            raise AwayError(
                f"Evidence can't be kept at {self._url} (CASEWORK_EVIDENCE_URL): {_cause(error)}."
            ) from None

    def _connected(self) -> ObjectStore:
        if self._folder is not None:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            return LocalStore(self._folder)
        return S3Store.from_url(self._url, retry_config={"max_retries": 3, "retry_timeout": _PATIENCE})

    def _on_disk(self, digest: str) -> None:
        """Wait until a folder's file and its name are on the disk, as a committed row is; a bucket promises it."""
        for path in (self._folder / digest, self._folder) if self._folder else ():
            opened = os.open(path, os.O_RDONLY)
            try:
                os.fsync(opened)
            finally:
                os.close(opened)


def _cause(error: Exception) -> str:
    """The first line of an error: later ones show the request."""
    return f"{error}".strip().partition("\n")[0].rstrip(".")
