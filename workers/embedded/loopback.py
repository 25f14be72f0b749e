"""The script that starts a server which can't be told where to listen: whatever address it asks for, it gets loopback.

Its arguments are the server's command. It runs the server as its child and answers each of its `bind` calls, which the
kernel puts before us (seccomp's user notification, Linux 5.5): "all addresses" is overwritten with 127.0.0.1 before the
kernel reads it. The child is told our signals, and dies with us.
"""

import ctypes
import fcntl
import os
import platform
import select
import signal
import socket
import struct
import sys
from contextlib import suppress
from ipaddress import ip_address
from typing import Any

PR_SET_NO_NEW_PRIVS, PR_SET_PDEATHSIG = 38, 1
SET_MODE_FILTER, GET_ACTION_AVAIL, NEW_LISTENER = 1, 2, 1 << 3
USER_NOTIF, ALLOW = 0x7FC00000, 0x7FFF0000
RECEIVE, SEND, CONTINUE = 0xC0502100, 0xC0182101, 1
# The numbers of the calls `seccomp` and `bind`.
_CALLS = {"x86_64": (317, 49), "aarch64": (277, 200)}
# Where an address stands in what `bind` is given, and what replaces "all addresses": of IPv6 the mapped IPv4 address.
_ADDRESS = {
    socket.AF_INET: (4, ip_address("0.0.0.0").packed, ip_address("127.0.0.1").packed),  # noqa: S104
    socket.AF_INET6: (8, ip_address("::").packed, ip_address("::ffff:127.0.0.1").packed),
}


def possible() -> bool:
    """Whether this machine can keep a server to loopback so."""
    if sys.platform != "linux" or platform.machine() not in _CALLS:
        return False
    with suppress(OSError):
        _seccomp(GET_ACTION_AVAIL, 0, ctypes.byref(ctypes.c_uint32(USER_NOTIF)))
        return True
    return False


def run(command: list[str]) -> int:
    """Run the server to its end; its exit code."""
    ours, theirs = socket.socketpair()
    parent, child = os.getpid(), os.fork()
    if child == 0:
        _become(command, theirs, parent)
    theirs.close()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: os.kill(child, number))
    _, (listener, *_), _, _ = socket.recv_fds(ours, 1, 1)
    return _answer(listener, child)


def _become(command: list[str], to_parent: socket.socket, parent: int) -> None:
    """Put each `bind` of this process before the parent, and become the server."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    bind = _CALLS[platform.machine()][1]
    rows = ((0x20, 0, 0, 0), (0x15, 0, 1, bind), (0x06, 0, 0, USER_NOTIF), (0x06, 0, 0, ALLOW))
    code = b"".join(struct.pack("HBBI", *row) for row in rows)
    kept = ctypes.create_string_buffer(code)
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(rows), ctypes.addressof(kept)))
    listener = _seccomp(SET_MODE_FILTER, NEW_LISTENER, program)
    socket.send_fds(to_parent, [b"."], [listener])
    os.close(listener)
    os.execv(command[0], command)  # noqa: S606


def _answer(listener: int, child: int) -> int:
    """Answer each `bind` until the server has ended; gives its exit code."""
    asking = select.poll()
    asking.register(listener, select.POLLIN)
    while True:
        for _, event in asking.poll(500):
            if event & select.POLLIN:
                _answer_one(listener)
            else:
                asking.unregister(listener)  # nobody is left who could ask
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)


def _answer_one(listener: int) -> None:
    asked = bytearray(80)
    with suppress(FileNotFoundError, ProcessLookupError):  # it was interrupted, or has ended, meanwhile
        fcntl.ioctl(listener, RECEIVE, asked)
        number, pid = struct.unpack_from("QI", asked)
        address, length = struct.unpack_from("QQ", asked, 40)
        _keep_here(pid, address, length)
        fcntl.ioctl(listener, SEND, struct.pack("QqiI", number, 0, 0, CONTINUE))


def _keep_here(pid: int, address: int, length: int) -> None:
    """Overwrite "all addresses" in the memory of the process that asks to bind."""
    with open(f"/proc/{pid}/mem", "r+b", buffering=0) as memory:  # noqa: PTH123
        memory.seek(address)
        asked = memory.read(length)
        place, everywhere, here = _ADDRESS.get(struct.unpack_from("H", asked)[0], (0, b"", b""))
        if everywhere and asked[place : place + len(everywhere)] == everywhere:
            memory.seek(address + place)
            memory.write(here)


def _seccomp(operation: int, flags: int, what: Any) -> int:
    number = _CALLS[platform.machine()][0]
    result: int = ctypes.CDLL(None, use_errno=True).syscall(
        ctypes.c_long(number), ctypes.c_uint(operation), ctypes.c_uint(flags), what
    )
    if result < 0:
        raise OSError(ctypes.get_errno(), "seccomp")
    return result


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
