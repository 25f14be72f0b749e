"""The embedded servers' passwords, command key and master key: made once, in the data folder, readable by us only."""

import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from store.keyring import Keyring
from store.master import Master, UnknownMasterError
from workers.embedded.error import EmbeddedError
from workers.settings import Settings, SettingsError


def folder(path: Path) -> Path:
    """The folder, made if need be, readable by us only.

    Raises EmbeddedError where it can't be made or written.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        trial = path / f".{os.getpid()}"
        trial.touch()
        trial.unlink()
    except OSError as error:
        raise EmbeddedError(f"{path} can't be written ({error.strerror}): set CASEWORK_DATA_DIR.") from None
    return path


def secret(path: Path) -> str:
    """The secret kept in a file that only we can read: 64 random hex digits, made at the first reading."""
    if not path.exists():
        fresh = folder(path.parent) / f"{path.name}.{os.getpid()}"
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_hex(32), encoding="ascii")
        # A link is atomic: of two processes the first wins, and nobody ever reads half a secret.
        with suppress(FileExistsError):
            path.hardlink_to(fresh)
        fresh.unlink()
    return path.read_text(encoding="ascii").strip()


def command_key(settings: Settings) -> bytes:
    """The key that signs commands: the setting, or beside an embedded database a kept one.

    Raises SettingsError where the database is shared and no key is set: all who sign must have the same.
    """
    if settings.command_key:
        return settings.command_key.get_secret_value().encode()
    if settings.database_url:
        raise SettingsError(
            "CASEWORK_COMMAND_KEY is needed beside CASEWORK_DATABASE_URL: the same for desk and worker."
        )
    return secret(settings.data_dir / "secrets" / "command.key").encode()


def keyring(settings: Settings) -> Keyring:
    """The keys that words are kept by; the master key is the setting, or beside an embedded database a kept one.

    Raises SettingsError where the database is shared and they are not set: all who read words must have the same.
    """
    if settings.database_url and not (settings.master_key and settings.keys_url):
        raise SettingsError(
            "CASEWORK_MASTER_KEY and CASEWORK_KEYS_URL are needed beside CASEWORK_DATABASE_URL: "
            "the same for desk and worker."
        )
    said, former = settings.master_key, [one.get_secret_value() for one in settings.former_master_keys]
    if said:
        return Keyring(settings.keys, Master(said.get_secret_value(), former))
    return Keyring(settings.keys, KeptMaster(settings.data_dir / "secrets" / "master.key", former))


class KeptMaster:
    """A master key in a file, made when it first wraps: none is begun beside keys that another one wrapped."""

    def __init__(self, path: Path, former: Sequence[str] = ()) -> None:
        self._path = path
        self._former = former
        self._read: Master | None = None

    def wrap(self, key: bytes, owner: str) -> bytes:
        """The key, wrapped."""
        return self._master().wrap(key, owner)

    def unwrap(self, wrapped: bytes, owner: str) -> bytes:
        """The key that was wrapped.

        Raises:
            UnknownMasterError: not by this one, or not for this owner; or the file is lost.
        """
        if self._path.exists():
            return self._master().unwrap(wrapped, owner)
        try:
            return Master(secrets.token_hex(32), self._former).unwrap(wrapped, owner)
        except UnknownMasterError:
            raise UnknownMasterError(
                f"master_key_wrong: {self._path} is not there, by which the keys were wrapped: bring it back, or set "
                "CASEWORK_MASTER_KEY to what it said."
            ) from None

    def stale(self, wrapped: bytes) -> bool:
        """Whether it was wrapped by a former master key."""
        return self._master().stale(wrapped)

    def _master(self) -> Master:
        if self._read is None:
            self._read = Master(secret(self._path), self._former)
        return self._read
