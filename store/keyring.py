"""By which keys are words kept? One of each person, apart from the database: destroyed, all that it kept is gone.

The database only names them. They lie in a folder or bucket of their own, wrapped by the master key, so that no backup
of the database has them (`docs/privacy.md`).
"""

import hashlib
import secrets
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path
from time import monotonic

from obstore.exceptions import AlreadyExistsError, NotFoundError
from sqlalchemy import Connection, Engine, event

from store.bucket import Bucket, KeysAwayError
from store.master import Master, UnknownMasterError, Wraps

# In memory a key is kept so long, in seconds, after it was read: by then a destroyed one is forgotten everywhere.
KEPT = 60.0
_MOST = 10_000
_LENGTH = 32
_PAGE = 1000
# To read so many marks takes no longer than to list all keys.
_ONE_BY_ONE = 1000
_DESTROYED = b"destroyed"
# Beside the keys: what says that what they do not open was lost with others, for good.
_ANEW = "begun-anew"
_AT_HAND = "casework.keyring"


class DestroyedError(Exception):
    """The key was destroyed: what it kept is erased."""


class LostError(KeysAwayError):
    """There is no such key here, and it was never destroyed here: these are another database's, or older."""


def of_party(who: str) -> str:
    """Whose words are those of a person, a creator or an agency, by their id."""
    return f"party/{who}"


def of_case(case: str) -> str:
    """Whose words are those of a case that are not kept for ever, by its id."""
    return f"case/{case}"


def name_of(owner: str) -> str:
    """The name of an owner's key; it tells nothing of the owner."""
    return hashlib.sha256(f"casework key of {owner}".encode()).hexdigest()[:32]


class Keyring:
    """The keys at a URL, each 32 bytes. All that reads or writes blocks: call it in threads.

    Every call but `destroyed` raises `AwayError` where they can't be reached, `UnknownMasterError` where they were
    wrapped by another master key.
    """

    def __init__(self, url: str, wraps: Wraps) -> None:
        self.url = url
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

    def begin_anew(self) -> None:
        """Say that these keys follow others that are lost: what they don't open is read as erased from now on."""
        with self._bucket.asking() as objects:
            objects.put(_ANEW, b"lost")
            self._bucket.on_disk(_ANEW)

    def begun_anew(self) -> bool:
        """Whether these keys follow others that are lost."""
        try:
            return bool(self._read(_ANEW))
        except LostError:
            return False

    def alive(self, owners: Collection[str]) -> list[str]:
        """Of which of these owners the key is not destroyed, also as there never was one."""
        if len(owners) <= _ONE_BY_ONE:
            return [owner for owner in owners if not self.is_destroyed(owner)]
        left = {name_of(owner): owner for owner in owners}
        for page in self._listing():
            for name, size in page:
                if size == len(_DESTROYED):
                    left.pop(name, None)
        return list(left.values())

    def is_destroyed(self, owner: str) -> bool:
        """Whether the owner's key was destroyed."""
        try:
            return self._read(name_of(owner)) == _DESTROYED
        except LostError:
            return False

    def rewrap(self) -> Iterator[tuple[list[str], int]]:
        """Wrap by the master key what was wrapped by former ones, a page at a time.

        Each gives the names of those that now are, and how many no master key that is known has wrapped. A key that is
        destroyed meanwhile may be there again: who calls destroys it.
        """
        for page in self._listing():
            done, unknown = [], 0
            for name, _ in page:
                try:
                    done += [name] if self._rewrap(name) else []
                except UnknownMasterError:
                    unknown += 1
            yield done, unknown

    def _rewrap(self, name: str) -> bool:
        wrapped = self._read(name)
        if wrapped == _DESTROYED or not self._wraps.stale(wrapped):
            return False
        fresh = self._wraps.wrap(self._wraps.unwrap(wrapped, name), name)
        with self._bucket.asking() as objects:
            objects.put(name, fresh)
            self._bucket.on_disk(name)
        return True

    def _listing(self) -> Iterator[list[tuple[str, int]]]:
        """All keys, some at a time: each its name, and how many bytes it has."""
        if self.folder is None or self.folder.is_dir():
            with self._bucket.asking() as objects:
                for page in objects.list(chunk_size=_PAGE):
                    yield [(one["path"], one["size"]) for one in page if len(one["path"]) == _LENGTH]

    def _unwrapped(self, name: str) -> bytes:
        wrapped = self._read(name)
        if wrapped == _DESTROYED:
            raise DestroyedError(name)
        return self._wraps.unwrap(wrapped, name)

    def _read(self, name: str) -> bytes:
        if self.folder is None or self.folder.is_dir():  # who only reads makes no folder
            with self._bucket.asking() as objects, suppress(NotFoundError, FileNotFoundError):
                return bytes(objects.get(name).bytes())
        raise LostError(f"There is no key {name} at {self.url} (CASEWORK_KEYS_URL).")

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
