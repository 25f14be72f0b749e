"""What does somebody upload as a version? The files of a rulebook, which are checked at once."""

import re
from collections.abc import Mapping

from rulebook.fault import MOST_TOLD, Fault, RulebookError
from rulebook.files import assembled
from rulebook.model import Rulebook
from states.terms import Code, RefusedError

NAME = r"^[A-Za-z0-9_-][A-Za-z0-9._-]{0,80}\.ya?ml$"


def checked(files: Mapping[str, bytes]) -> Rulebook:
    """The rulebook that the files say, by their names (`rulebook/files.py`).

    Raises:
        RefusedError: `invalid`, field `files`; `faults` in its facts are what is wrong, each with file, line and key.
    """
    if strange := sorted(name for name in files if not re.fullmatch(NAME, name)):
        raise RefusedError(Code.INVALID, "no_rulebook_file", "files", name=strange[0])
    try:
        return assembled(files)
    except RulebookError as error:
        raise _refused(error) from None


def _refused(error: RulebookError) -> RefusedError:
    told = [_plain(fault) for fault in error.faults[:MOST_TOLD]]
    first, count = str(error.faults[0]), len(error.faults)
    return RefusedError(Code.INVALID, "faulty_rulebook", "files", facts={"faults": told}, count=count, first=first)


def _plain(fault: Fault) -> dict[str, object]:
    return {"file": fault.file, "line": fault.line, "key": fault.key, "fault": str(fault)}
