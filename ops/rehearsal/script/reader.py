"""What does this file say? Its scenario, or the place where it goes wrong."""

from pathlib import Path

from pydantic import ValidationError

from ops.rehearsal.script.malformed import FlawError, MalformedScenario, flaw, near
from ops.rehearsal.script.notation import parse
from ops.rehearsal.script.scenario import Scenario


def read(path: Path) -> Scenario:
    """Read a scenario file.

    Raises:
        MalformedScenario: with file, step and field of the first flaw that was found.
    """
    try:
        return _told(path, parse(_text(path)))
    except FlawError as found:
        raise MalformedScenario(path, found.step, found.field, found.message) from None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise FlawError("file", f"can't be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise FlawError("file", "is not UTF-8 text") from None


def _told(path: Path, given: object) -> Scenario:
    if not isinstance(given, dict):
        raise FlawError("file", "must be a mapping with scenario, start, cast and steps")
    if "file" in given:
        raise FlawError("file", "unknown field" + near("file", Scenario.words()[1:]))
    try:
        return Scenario.model_validate({**given, "file": path})
    except ValidationError as error:
        raise flaw(error) from None
