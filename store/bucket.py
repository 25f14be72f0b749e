"""Where do things lie that the database only names? In a folder or a bucket, under names of their own.

A bucket's credentials come from the environment, as `obstore` reads it (`AWS_…`).
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from obstore.exceptions import BaseError
from obstore.store import LocalStore, MemoryStore, ObjectStore, S3Store

_PATIENCE = timedelta(seconds=20)


class AwayError(Exception):
    """The folder or bucket can't be used now: one sentence, without what proves who asks."""

    # By which those who asked are told (`refusal.…`).
    key = "evidence_away"


class KeysAwayError(AwayError):
    """The keys can't be used, or are not those of what is to be read."""

    key = "keys_away"


class Bucket:
    """What lies at `file:///a/folder` or `s3://bucket/prefix`; it is opened when it is first asked.

    `what` lies there, as an error says it, and `setting` says where. `memory:///` is in memory, and gone with it.
    """

    def __init__(self, url: str, what: str, setting: str, away: type[AwayError] = AwayError) -> None:
        self.url = url
        self.folder = Path(url2pathname(urlsplit(url).path)) if url.startswith("file:") else None
        self._said = f"{what} can't be kept at {url} ({setting})"
        self._away = away
        self._opened: ObjectStore | None = None

    @contextmanager
    def asking(self) -> Iterator[ObjectStore]:
        """The store of objects; what it can't do is an `AwayError`."""
        try:
            if self._opened is None:
                self._opened = self._connected()
            yield self._opened
        except (BaseError, OSError) as error:
            raise self._away(f"{self._said}: {_cause(error)}.") from None

    def on_disk(self, name: str) -> None:
        """Wait until a folder's file and its name are on the disk, as a committed row is; a bucket promises it."""
        for path in (self.folder / name, self.folder) if self.folder else ():
            opened = os.open(path, os.O_RDONLY)
            try:
                os.fsync(opened)
            finally:
                os.close(opened)

    def _connected(self) -> ObjectStore:
        if self.folder is not None:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            return LocalStore(self.folder)
        if self.url.startswith("memory:"):
            return MemoryStore()
        return S3Store.from_url(self.url, retry_config={"max_retries": 3, "retry_timeout": _PATIENCE})


def _cause(error: Exception) -> str:
    """The first line of an error: later ones show the request."""
    return f"{error}".strip().partition("\n")[0].rstrip(".")
