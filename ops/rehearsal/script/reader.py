"""Reads a scenario's file, or says where it goes wrong."""

from pathlib import Path

from pydantic import ValidationError

from ops.rehearsal.script.malformed import FlawError, MalformedScenario, dotted, flaw, near
from ops.rehearsal.script.scenario import Scenario
from rulebook import notation
from rulebook.notation import NotationError


def read(path: Path) -> Scenario:
    """Read a scenario file.

    Raises:
        MalformedScenario: with file, step and field of the first flaw that was found.
    """
    try:
        return _told(path, _content(path))
    except FlawError as found:
        raise MalformedScenario(path, found.step, found.field, found.message) from None


def _content(path: Path) -> object:
    try:
        return notation.read(path)
    except OSError as error:
        raise FlawError("file", f"can't be read: {error.strerror}") from None
    except NotationError as error:
        raise _placed(error) from None


def _placed(error: NotationError) -> FlawError:
    match error.place:
        case ():
            return FlawError(f"line {error.line}", error.message)
        case ("steps", int(index), *rest):
            return FlawError(dotted(rest), str(error), step=index + 1)
    return FlawError(dotted(error.place), str(error))


def _told(path: Path, given: object) -> Scenario:
    if not isinstance(given, dict):
        raise FlawError("file", "must be a mapping with scenario, start, cast and steps")
    if "file" in given:
        raise FlawError("file", "unknown field" + near("file", Scenario.words()[1:]))
    try:
        return Scenario.model_validate({**given, "file": path})
    except ValidationError as error:
        raise flaw(error) from None
