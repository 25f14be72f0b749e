"""What does somebody upload as a version? The files of a rulebook, which are checked at once."""

import re
from collections.abc import Mapping

from rulebook.fault import MISSING, MOST_TOLD, Fault, RulebookError, short
from rulebook.files import NAME, assembled
from rulebook.model import Rulebook
from states.terms import Code, RefusedError


def checked(files: Mapping[str, bytes]) -> Rulebook:
    """The rulebook that the files say, by their names (`rulebook/files.py`).

    Raises:
        RefusedError: `invalid`, field `files`; `faults` in its facts are what is wrong, each with file, line, key,
            value (none where nothing stands), the `kind` of mistake with its `values` (`rulebook/mistake.py`), and
            message, and as a `fault` of one line; of what is no YAML also the `column`.
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
    value = None if fault.value is MISSING else short(repr(fault.value))
    told = {"file": fault.file, "line": fault.line, "key": fault.key, "value": value, "message": fault.message}
    mistake = {"kind": fault.mistake.kind, "values": dict(fault.mistake.values)}
    return {**told, **mistake, "fault": str(fault), "column": fault.column}
