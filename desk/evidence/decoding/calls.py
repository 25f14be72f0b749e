"""What may a decoder not ask the kernel for? A network, another program or process, or another process's memory.

By a filter of system calls (seccomp), which Linux has for x86-64 and arm64; such a call fails with `EPERM`. A thread
may be begun. What Landlock knows of networks is TCP alone.
"""

import ctypes
import errno
import platform
import struct
import sys

_NO_NEW_PRIVS, _SECCOMP, _FILTER = 38, 22, 2
_LOAD, _EQUAL, _MASKED, _AT_LEAST, _RETURN = 0x20, 0x15, 0x45, 0x35, 0x06
_NUMBER, _MACHINE, _FIRST = 0, 4, 16  # where a filter finds the call, the machine and the call's first value
_ALLOW, _FAIL = 0x7FFF0000, 0x00050000
_THREAD = 0x10000  # of `clone`
_OTHER_MACHINE = 0x40000000  # x86-64 has calls of another kind from here on
_SAME = {"clone3": 435, "io_uring_setup": 425, "pidfd_send_signal": 424}
# fmt: off
_MACHINES = {
    "x86_64":  (0xC000003E, _SAME | {"clone": 56,  "socket": 41,  "execve": 59,  "execveat": 322, "kill": 62,
                             "fork": 57, "vfork": 58, "ptrace": 101, "process_vm_readv": 310,
                             "process_vm_writev": 311}),
    "aarch64": (0xC00000B7, _SAME | {"clone": 220, "socket": 198, "execve": 221, "execveat": 281, "kill": 129,
                             "ptrace": 117, "process_vm_readv": 270, "process_vm_writev": 271}),
}
# fmt: on


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


def known() -> bool:
    """Whether this system can refuse such calls."""
    return sys.platform == "linux" and platform.machine() in _MACHINES


def refuse() -> None:
    """Refuse them from now on, to this process and its threads.

    Raises:
        OSError: the kernel takes no filter.
    """
    code = _filter(*_MACHINES[platform.machine()])
    program = _Program(len(code) // 8, code)
    libc = ctypes.CDLL(None, use_errno=True)
    for option, value, more in ((_NO_NEW_PRIVS, 1, 0), (_SECCOMP, _FILTER, ctypes.byref(program))):
        if libc.prctl(option, value, more, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl")


def _filter(machine: int, calls: dict[str, int]) -> bytes:
    """The filter's instructions: another machine's calls fail, and the named ones; all others are allowed."""
    fails, unknown, allow = (_step(_RETURN, value) for value in (_FAIL | errno.EPERM, _FAIL | errno.ENOSYS, _ALLOW))
    steps = [_step(_LOAD, _MACHINE), _step(_EQUAL, machine, 1, 0), fails]
    steps += [_step(_LOAD, _NUMBER), _step(_AT_LEAST, _OTHER_MACHINE, 0, 1), fails]
    for name, number in calls.items():
        if name == "clone":  # its first value says whether it begins a thread
            steps += [_step(_EQUAL, number, 0, 4), _step(_LOAD, _FIRST), _step(_MASKED, _THREAD, 1, 0), fails, allow]
        else:  # without `clone3`, whose values can't be read here, threads are begun by `clone`
            steps += [_step(_EQUAL, number, 0, 1), unknown if name == "clone3" else fails]
    return b"".join([*steps, allow])


def _step(code: int, value: int, met: int = 0, else_: int = 0) -> bytes:
    """An instruction; a comparison skips so many where it is met, or so many else."""
    return struct.pack("<HBBI", code, met, else_, value)
