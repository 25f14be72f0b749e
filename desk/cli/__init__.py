"""The command `casework`. This module imports little, so that Ctrl-C is handled from the first moment."""

import gc
import os
import sys
import traceback
from contextlib import suppress
from importlib import import_module
from typing import NoReturn

from desk.cli.terminal import steady

INTERRUPTED = 130


def main() -> NoReturn:
    """Run the command and end the process with its code."""
    steady()
    try:
        code = int(import_module("desk.cli.app").run())
    except KeyboardInterrupt:
        code = INTERRUPTED
    except Exception:  # noqa: BLE001  # nothing above would print it
        traceback.print_exc()
        code = 1
    _end(code)


def _end(code: int) -> NoReturn:
    """Exit without the interpreter's shutdown, in which Temporal's threads sometimes abort a process that succeeded."""
    gc.collect()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)
