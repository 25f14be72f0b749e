"""The rulebooks of a scenario: the first, with its overrides, and its further versions."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from ops.rehearsal.script.expect import Expect
from ops.rehearsal.script.further import FIRST, Further
from ops.rehearsal.script.malformed import MalformedScenario, near
from ops.rehearsal.script.scenario import Scenario
from ops.rehearsal.stage.changes import changed
from ops.rehearsal.stage.editions import Edition
from rulebook.fault import RulebookError
from rulebook.files import assembled
from rulebook.load import BUNDLED, bundled, files_at, is_there, load
from rulebook.model import Rulebook


def book_of(scenario: Scenario) -> Rulebook:
    """The rulebook that the scenario begins with, with its overrides.

    Raises:
        MalformedScenario: as `editions_of` does.
    """
    return editions_of(scenario)[FIRST].book


def editions_of(scenario: Scenario) -> dict[str, Edition]:
    """The versions of the scenario by name, the first among them.

    Raises:
        MalformedScenario: there is no such rulebook; or a key that it overrides or changes, a region of the cast, or a
            penalty that is expected is unknown.
    """
    editions = {FIRST: Edition(_first(scenario), {})}
    for name, further in scenario.rulebooks.items():
        made = _further(scenario, name, further)
        editions[name] = Edition(made.book, {}) if name == FIRST else made
    _must_have_regions(scenario, editions[FIRST].book)
    _must_have_penalties(scenario, [one.book for one in editions.values()])
    return editions


def _first(scenario: Scenario) -> Rulebook:
    try:
        return _read(_place(scenario, scenario.rulebook), json.dumps(scenario.override))
    except RulebookError as error:
        field = "override" if error.file == "override" else "rulebook"
        raise MalformedScenario(scenario.file, None, field, f"{error}".removeprefix("override: ")) from None


def _further(scenario: Scenario, name: str, further: Further) -> Edition:
    place = _place(scenario, further.rulebook or scenario.rulebook)
    try:
        return _edition(place, json.dumps(further.changes))
    except RulebookError as error:
        told = f"{error}".partition("\n")[0].removeprefix("changes: ")
        raise MalformedScenario(scenario.file, None, f"rulebooks.{name}", told) from None


def _place(scenario: Scenario, written: str) -> str:
    """A path beside the scenario, or else what the file says."""
    beside = scenario.file.parent / written
    return str(beside) if is_there(beside) else written


@cache
def _read(place: str, override: str) -> Rulebook:
    """Read a rulebook once a process: many scenarios use the same one."""
    return load(place, json.loads(override))


@cache
def _edition(place: str, changes: str) -> Edition:
    """Read a further version once a process: the rulebook there, and with the changes, if there are any."""
    _read(place, "{}")
    files = changed(files_at(BUNDLED / place if place in bundled() else Path(place)), json.loads(changes))
    return Edition(assembled(files), files)


def _must_have_regions(scenario: Scenario, book: Rulebook) -> None:
    places = [(f"agencies.{name}.region", agency.region) for name, agency in scenario.cast.agencies.items()]
    places += [(f"staff.{name}.regions", region) for name, one in scenario.cast.staff.items() for region in one.regions]
    for place, region in places:
        if region not in book.regions:
            message = f"no region {region} in the rulebook{near(region, book.regions)}"
            raise MalformedScenario(scenario.file, None, f"cast.{place}", message)


def _must_have_penalties(scenario: Scenario, books: list[Rulebook]) -> None:
    known = {key for book in books for region in book.regions for key in book.policy(region).penalties}
    for step in scenario.steps:
        for field, keys in _penalties(step.expect) if step.expect else ():
            for key in keys:
                if key not in known:
                    message = f"no penalty {key} in the rulebook{near(key, known)}"
                    raise MalformedScenario(scenario.file, step.number, f"expect.{field}", message)


def _penalties(expect: Expect) -> Iterator[tuple[str, list[str]]]:
    """The penalties that a step expects, each list with its field."""
    for word, by_subject in (("penalties", expect.penalties), ("on_trial", expect.on_trial)):
        yield from ((f"{word}.{subject}", keys) for subject, keys in by_subject.items())
    for version, hit in expect.forecast.items():
        yield from ((f"forecast.{version}.{subject}", keys) for subject, keys in hit.items())
