"""The embedded servers' passwords and the command key: made once, kept in the data folder, readable by us only."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

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
