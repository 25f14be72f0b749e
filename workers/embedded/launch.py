"""The script that starts a server: it changes account, sets the signal for our death, confines itself, and executes it.

What the server writes is for its account alone.

It is a process of its own because what it does must not be done in a forked copy of a process with threads.
Its one argument is JSON: `parent` (process id), `death` (signal), `account` (see `account.py`) or null,
`reach` (paths the account must be able to use), `confined` (what it may use, see `confine.py`) or null, and `command`.
"""

import ctypes
import json
import os
import runpy
import signal
import struct
import sys
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG = 1
PR_SET_SECUREBITS = 28
PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 47, 2
NO_SETUID_FIXUP = 1 << 2
CLONE_NEWUSER = 0x10000000
CAPABILITIES_V3 = 0x20080522


def _call(name: str, *values: Any) -> None:
    if getattr(ctypes.CDLL(None, use_errno=True), name)(*values) != 0:
        raise OSError(ctypes.get_errno(), name)


def become(uid: int, gid: int, capability: int | None) -> None:
    """Become another user who keeps one capability of root, or none, through every program it starts."""
    # Without the fix-ups access() sees the capability too: PostgreSQL asks it for its own program's path.
    _call("prctl", PR_SET_SECUREBITS, NO_SETUID_FIXUP, 0, 0, 0)
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    if capability is None:
        return
    mask = 1 << capability
    _call("capset", struct.pack("Ii", CAPABILITIES_V3, 0), struct.pack("6I", mask, mask, mask, 0, 0, 0))
    _call("prctl", PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0)


def appear(uid: int, gid: int) -> None:
    """Stay root outside, without its capabilities, and look like another user from within."""
    _call("unshare", CLONE_NEWUSER)
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"{uid} 0 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{gid} 0 1", encoding="ascii")


def launch(order: dict[str, Any]) -> None:
    """Change the account, check that it can use `reach`, set the death signal, confine, and execute the command."""
    account = order["account"]
    if account and account["namespace"]:
        appear(account["uid"], account["gid"])
    elif account:
        become(account["uid"], account["gid"], account["capability"])
    for path in order["reach"]:
        if not os.access(path, os.X_OK):
            raise PermissionError(path)
    if sys.platform == "linux":
        # After the change of user, which would clear it. If the parent has died by now, the signal will never come.
        _call("prctl", PR_SET_PDEATHSIG, order["death"], 0, 0, 0)
        if os.getppid() != order["parent"]:
            os.kill(os.getpid(), signal.SIGKILL)
    if order["confined"]:  # by its path, as an isolated script has no folder to import from
        runpy.run_path(str(Path(__file__).with_name("confine.py")))["confine"](**order["confined"])
    os.execv(order["command"][0], order["command"])  # noqa: S606


if __name__ == "__main__":
    os.umask(0o077)
    launch(json.loads(sys.argv[1]))
