"""By which keys are words kept? One of each person, apart from the database: destroyed, all that it kept is gone.

The database only names them. They lie in a folder or bucket of their own, wrapped by the master key, so that no backup
of the database has them (`docs/privacy.md`).
"""

import hashlib
import secrets
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

from obstore.exceptions import AlreadyExistsError, NotFoundError
from sqlalchemy import Connection, Engine, event

from store.bucket import Bucket, KeysAwayError
from store.master import Master, Wraps

# In memory a key is kept so long, in seconds, after it was read: by then a destroyed one is forgotten everywhere.
KEPT = 60.0
_MOST = 10_000
_LENGTH = 32
_DESTROYED = b"destroyed"
_AT_HAND = "casework.keyring"


class DestroyedError(Exception):
    """The key was destroyed: what it kept is erased."""


class LostError(KeysAwayError):
    """There is no such key here, and it was never destroyed here: these are another database's, or older."""


def of_party(who: str) -> str:
    """Whose words are those of a person, a creator or an agency, by their id."""
    return f"party/{who}"


def name_of(owner: str) -> str:
    """The name of an owner's key; it tells nothing of the owner."""
    return hashlib.sha256(f"casework key of {owner}".encode()).hexdigest()[:32]


class Keyring:
    """The keys at a URL, each 32 bytes. All that reads or writes blocks: call it in threads.

    Every call but `destroyed` raises `AwayError` where they can't be reached, `UnknownMasterError` where they were
    wrapped by another master key.
    """

    def __init__(self, url: str, wraps: Wraps) -> None:
        self._bucket = Bucket(url, "Keys", "CASEWORK_KEYS_URL", KeysAwayError)
        self._wraps = wraps
        self._kept: dict[str, tuple[float, bytes]] = {}

    @property
    def folder(self) -> Path | None:
        """The folder in which they lie, where it is none of a bucket's."""
        return self._bucket.folder

    def forget(self) -> None:
        """Read keys anew from now on."""
        self._kept.clear()

    def of(self, owner: str) -> bytes:
        """The owner's key, made when it is first asked for.

        Raises:
            DestroyedError: it was destroyed, and none is made for that owner again.
        """
        name = name_of(owner)
        try:
            return self.named(name)
        except LostError:
            self._make(name)
            return self.named(name)

    def named(self, name: str) -> bytes:
        """The key of that name.

        Raises:
            DestroyedError: it was destroyed.
            LostError: there is none.
        """
        at, key = self._kept.get(name, (0.0, b""))
        if not key or monotonic() - at > KEPT:
            key = self._unwrapped(name)
            if len(self._kept) >= _MOST:
                self._kept.clear()
            self._kept[name] = monotonic(), key
        return key

    def destroy(self, owner: str) -> None:
        """Destroy the owner's key, also one that never was: none will be made."""
        name = name_of(owner)
        with self._bucket.asking() as objects:
            objects.put(name, _DESTROYED)
            self._bucket.on_disk(name)
        self._kept.pop(name, None)

    def is_destroyed(self, owner: str) -> bool:
        """Whether the owner's key was destroyed."""
        try:
            return self._read(name_of(owner)) == _DESTROYED
        except LostError:
            return False

    def rewrap(self) -> int:
        """Wrap by the master key what was wrapped by a former one; how many were."""
        done = 0
        for name in [*self._names()]:
            wrapped = self._read(name)
            if wrapped != _DESTROYED and self._wraps.stale(wrapped):
                fresh = self._wraps.wrap(self._wraps.unwrap(wrapped, name), name)
                with self._bucket.asking() as objects:
                    objects.put(name, fresh)
                    self._bucket.on_disk(name)
                done += 1
        return done

    def _names(self) -> Iterator[str]:
        with self._bucket.asking() as objects:
            for page in objects.list(chunk_size=1000):
                yield from (one["path"] for one in page if len(one["path"]) == _LENGTH)

    def _unwrapped(self, name: str) -> bytes:
        wrapped = self._read(name)
        if wrapped == _DESTROYED:
            raise DestroyedError(name)
        return self._wraps.unwrap(wrapped, name)

    def _read(self, name: str) -> bytes:
        with self._bucket.asking() as objects:
            try:
                return bytes(objects.get(name).bytes())
            except (NotFoundError, FileNotFoundError):
                raise LostError(f"There is no key {name} at {self._bucket.url} (CASEWORK_KEYS_URL).") from None

    def _make(self, name: str) -> None:
        """Make a key, unless another process did: the first wins."""
        wrapped = self._wraps.wrap(secrets.token_bytes(_LENGTH), name)
        with self._bucket.asking() as objects:
            try:
                objects.put(name, wrapped, mode="create")
            except AlreadyExistsError:
                return
            self._bucket.on_disk(name)


def fleeting() -> Keyring:
    """Keys that are in memory alone, of what nobody reads afterwards."""
    return Keyring("memory:///", Master(secrets.token_hex(_LENGTH)))


def put_at_hand(engine: Engine, keyring: Keyring) -> None:
    """Let what reads and writes words on a connection of the engine have the keys."""
    event.listen(engine, "connect", lambda _, record: record.info.update({_AT_HAND: keyring}))


def of(connection: Connection) -> Keyring:
    """The keys at hand.

    Raises:
        LostError: none are: this engine was made for other things.
    """
    found = connection.info.get(_AT_HAND)
    if found is None:
        raise LostError("Words are neither read nor written here: no keys are at hand.")
    keyring: Keyring = found
    return keyring
