"""Decode one file: `python -I -m desk.evidence.decoding KIND IN OUT`, with the numbers of two open files."""

import errno
import os
import resource
import sys
from contextlib import suppress
from importlib import import_module
from sysconfig import get_path

from desk.evidence.decoding import calls
from desk.evidence.decoding.verdict import UnfitError, Verdict
from workers.embedded.confine import confine, possible

# Bytes of memory, seconds of CPU, bytes of a file that it writes, open files; and no dump of what it read.
_BOUNDS = {resource.RLIMIT_AS: 2 << 30, resource.RLIMIT_CPU: 40, resource.RLIMIT_FSIZE: 50 << 20}
_BOUNDS |= {resource.RLIMIT_NOFILE: 64, resource.RLIMIT_CORE: 0}
# Errors that are no fault of the file: the disk on which a picture is written anew is full.
_OURS = {errno.ENOSPC, errno.EDQUOT}
# Folders of installed code: the libraries import parts of theirs only when a file needs them.
_CODE = ("stdlib", "platstdlib", "purelib", "platlib")
_READERS = {"image": "picture", "video": "video", "application": "paper"}


def decode(kind: str, source: int, target: int) -> Verdict:
    """Decode the file, within bounds, with no network and no other file to use; a picture is written anew."""
    reader = import_module(f"desk.evidence.decoding.{_READERS[kind.partition('/')[0]]}")
    for what, most in _BOUNDS.items():
        with suppress(ValueError, OSError):  # a system that does not bound it
            resource.setrlimit(what, (most, most + 1 if what == resource.RLIMIT_CPU else most))
    if sys.platform == "linux" and possible():
        confine(own=[], read=[get_path(name) for name in _CODE])
    if calls.known():
        calls.refuse()
    sent, clean = os.fdopen(source, "rb", closefd=False), os.fdopen(target, "r+b", closefd=False)
    try:
        reader.read(kind, sent, clean)
        clean.flush()
    except UnfitError as unfit:
        return unfit.verdict
    except MemoryError:
        return Verdict.COSTLY
    except Exception as error:  # a decoder raises what it likes about a file that it can't read
        if getattr(error, "errno", None) in _OURS:
            raise
        return Verdict.COSTLY if getattr(error, "errno", None) == errno.EFBIG else Verdict.BROKEN
    return Verdict.FINE


if __name__ == "__main__":
    # Without what else an interpreter does at its end: a library in disorder could fail there.
    os._exit(decode(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
