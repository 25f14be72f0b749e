"""The operating-system account of a server: PostgreSQL refuses to run as root.

It is that of the user who runs us, unless it is root. For root, the first of these that this machine allows; none
changes a folder's mode:

1. an unprivileged user that may read and traverse everything (one capability, kept through `exec`), and owns its data;
2. the same with the capability that default containers have, which may also write everything;
3. a user namespace in which root looks like that user, and has no capability (no other user is mapped here).
"""

import json
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from workers.embedded import launch
from workers.embedded.error import EmbeddedError

READ_SEARCH, OVERRIDE = 2, 1


@dataclass(frozen=True, slots=True)
class Account:
    """A user and the capability it keeps; without one it is root in a user namespace, seen as `uid`."""

    uid: int
    gid: int
    capability: int | None

    @property
    def owner(self) -> tuple[int, int]:
        """Who owns its files, seen from outside."""
        return (0, 0) if self.capability is None else (self.uid, self.gid)


def launched(
    command: Sequence[str], *, account: Account | None, death: signal.Signals, reach: Sequence[str] = ()
) -> list[str]:
    """The command line that runs `command` as `account`; the kernel sends it the signal `death` when we die."""
    order = {
        "parent": os.getpid(),
        "death": int(death),
        "account": account and asdict(account),
        "reach": list(reach),
        "command": list(command),
    }
    return [sys.executable, "-I", "-S", launch.__file__, json.dumps(order)]


def account(data: Path, program: Path) -> Account | None:
    """The account for a server whose files stand in `data`, which may not exist yet; None where it is our own.

    Raises EmbeddedError where root may not become anyone else.
    """
    if os.geteuid() != 0:
        return None
    uid, gid = _someone(data)
    for capability in (READ_SEARCH, OVERRIDE, None):
        candidate = Account(uid, gid, capability)
        if _may(candidate, [str(program), str(data.parent)]):
            return candidate
    raise EmbeddedError(
        "PostgreSQL does not run as root and root may not become another user here: "
        "run casework as an ordinary user, or set CASEWORK_DATABASE_URL."
    )


def own(tree: Path, owner: tuple[int, int]) -> None:
    """Give a folder and all in it to its server's account."""
    if (tree.stat().st_uid, tree.stat().st_gid) == owner:
        return
    for folder, _, files in os.walk(tree, topdown=False):
        for path in (*(Path(folder, file) for file in files), Path(folder)):
            os.chown(path, *owner, follow_symlinks=False)


def _someone(data: Path) -> tuple[int, int]:
    if data.exists() and data.stat().st_uid != 0:
        return data.stat().st_uid, data.stat().st_gid
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


def _may(candidate: Account, reach: list[str]) -> bool:
    trial = launched([], account=candidate, death=signal.SIGKILL, reach=reach)
    return subprocess.run(trial, check=False, capture_output=True, timeout=30).returncode == 0
