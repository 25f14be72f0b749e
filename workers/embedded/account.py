"""The operating-system account of a server: PostgreSQL refuses to run as root.

It is that of the user who runs us, unless it is root. For root, the first of these that this machine allows. The first
three could read what is root's, and are confined to their own files (`confine.py`); none changes a folder's mode:

1. an unprivileged user that may traverse every folder (one capability, kept through `exec`), and owns its data;
2. the same with the capability that default containers have;
3. a user namespace in which root looks like that user, and has no capability (no other user is mapped here);
4. where the kernel can't confine: that user alone, who must be able to reach its program and its data. Our data folder
   then lets others pass through.
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
from workers.embedded.confine import possible
from workers.embedded.error import EmbeddedError

READ_SEARCH, OVERRIDE = 2, 1


@dataclass(frozen=True, slots=True)
class Account:
    """A user, and the capability it keeps; in a `namespace` it is root, seen as `uid`."""

    uid: int
    gid: int
    capability: int | None = None
    namespace: bool = False

    @property
    def owner(self) -> tuple[int, int]:
        """Who owns its files, seen from outside."""
        return (0, 0) if self.namespace else (self.uid, self.gid)

    @property
    def opens_all(self) -> bool:
        """Whether it could read every file, and so must be confined to its own."""
        return self.namespace or self.capability is not None


def launched(
    command: Sequence[str], *, account: Account | None, death: signal.Signals, own: Path, reach: Sequence[str] = ()
) -> list[str]:
    """The command line that runs `command` as `account`; the kernel sends it the signal `death` when we die.

    `own` is the folder of its own files. Of what else it reads: its installation, and what any program needs.
    """
    order = {
        "confined": None,
        "parent": os.getpid(),
        "death": int(death),
        "account": account and asdict(account),
        "reach": list(reach),
        "command": list(command),
    }
    if account and account.opens_all:
        order["confined"] = {"own": [str(own)], "read": _installation(Path(command[0]).resolve())}
    return [sys.executable, "-I", "-S", launch.__file__, json.dumps(order)]


def account(data: Path, program: Path) -> Account | None:
    """The account for a server whose files stand in `data`, which may not exist yet; None where it is our own.

    Raises EmbeddedError where root may not become anyone else.
    """
    if os.geteuid() != 0:
        return None
    uid, gid = _someone(data)
    if possible():
        confined = (Account(uid, gid, READ_SEARCH), Account(uid, gid, OVERRIDE), Account(uid, gid, namespace=True))
        for candidate in confined:
            if _may(candidate, data, program):
                return candidate
    elif data.parent.is_dir():
        data.parent.chmod(0o711)
    plain = Account(uid, gid)
    if _may(plain, data, program):
        return plain
    raise EmbeddedError(
        "PostgreSQL does not run as root and root may not become another user here who reaches "
        f"{program.parent} and {data.parent}: run casework as an ordinary user, or set CASEWORK_DATABASE_URL."
    )


def own(tree: Path, owner: tuple[int, int]) -> None:
    """Give a folder and all in it to its server's account."""
    if (tree.stat().st_uid, tree.stat().st_gid) == owner:
        return
    for folder, _, files in os.walk(tree, topdown=False):
        for path in (*(Path(folder, file) for file in files), Path(folder)):
            os.chown(path, *owner, follow_symlinks=False)


def _installation(program: Path) -> list[str]:
    """The folder in which a program's installation stands: a wheel keeps its libraries beside its package.

    None where it is the system's own, of which `confine.py` says what may be read.
    """
    found = next((folder for folder in program.parents if folder.name == "site-packages"), program.parents[1])
    return [] if found in {Path("/"), Path("/usr")} else [str(found)]


def _someone(data: Path) -> tuple[int, int]:
    if data.exists() and data.stat().st_uid != 0:
        return data.stat().st_uid, data.stat().st_gid
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


def _may(candidate: Account, data: Path, program: Path) -> bool:
    """Whether the candidate can run the program, and reach the folder in which its data are or will be."""
    reach = [str(program), str(data.parent)]
    trial = launched([str(program), "--version"], account=candidate, death=signal.SIGKILL, own=data, reach=reach)
    return subprocess.run(trial, check=False, capture_output=True, timeout=30).returncode == 0
