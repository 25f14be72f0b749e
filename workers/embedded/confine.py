"""What may a server that root starts read and write? Its own files; by Landlock, which Linux has since 5.13.

Root's server passes through folders that only root may enter, by a capability that would open every file, too. Landlock
takes that back: beneath the paths of its `Reach` it may do what is said there, and nothing anywhere else.
"""

import ctypes
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

PR_SET_NO_NEW_PRIVS = 38
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
# `LANDLOCK_ACCESS_FS_…` of version 2: on a file execute, write, read; of a folder list, remove, make, and move.
_EXECUTE, _WRITE, _READ, _LIST = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_ALL = (1 << 14) - 1
_OF_FILES = _EXECUTE | _WRITE | _READ
# What any program needs of the system: its libraries, a shell, names of users, the time zones; nobody's secrets.
# Not all of /usr: in containers applications often stand in /usr/src, with their data.
_USR = ("/usr/bin", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libexec", "/usr/local/lib", "/usr/share")
_SYSTEM = ("/lib", "/lib32", "/lib64", "/bin", *_USR, "/nix/store")
_SYSTEM_FILES = ("/etc/ld.so.cache", "/etc/passwd", "/etc/group", "/etc/nsswitch.conf", "/etc/localtime")
_DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom", "/dev/shm")  # noqa: S108  # memory that a server's processes share


class _Ruleset(ctypes.Structure):
    _fields_ = [("handled", ctypes.c_uint64)]


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = [("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32)]


def possible() -> bool:
    """Whether the kernel can confine a process, in the version that lets it move files between its own folders."""
    try:
        return _call(CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(1)) >= 2
    except OSError:
        return False


def confine(own: list[str], read: list[str]) -> None:
    """Let this process, and all that it starts, use what is beneath `own`, read what is beneath `read`, and no more."""
    ruleset = _call(CREATE_RULESET, ctypes.byref(_Ruleset(_ALL)), ctypes.c_size_t(8), ctypes.c_uint32(0))
    for path in (*own, *_DEVICES):
        _allow(ruleset, path, _ALL)
    for path in (*read, *_SYSTEM, *_SYSTEM_FILES):
        _allow(ruleset, path, _EXECUTE | _READ | _LIST)
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
    _call(RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint32(0))
    os.close(ruleset)


def _allow(ruleset: int, path: str, allowed: int) -> None:
    with suppress(FileNotFoundError):
        beneath = os.open(path, os.O_PATH | os.O_CLOEXEC)
        rule = _Beneath(allowed if Path(path).is_dir() else allowed & _OF_FILES, beneath)
        _call(ADD_RULE, ctypes.c_int(ruleset), ctypes.c_int(1), ctypes.byref(rule), ctypes.c_uint32(0))
        os.close(beneath)


def _call(number: int, *values: Any) -> int:
    result: int = ctypes.CDLL(None, use_errno=True).syscall(ctypes.c_long(number), *values)
    if result < 0:
        raise OSError(ctypes.get_errno(), "landlock")
    return result
