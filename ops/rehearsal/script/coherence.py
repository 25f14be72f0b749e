"""Checks a scenario as a whole: everybody and everything that it names exists, and its clock never goes back."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from ops.rehearsal.script.act import CASE_WORDS, Stream
from ops.rehearsal.script.cast import Cast
from ops.rehearsal.script.expect import subject_and_period
from ops.rehearsal.script.malformed import FlawError, near, shown
from ops.rehearsal.script.step import Many, Step

Named = tuple[str, str]
_VERSIONS = "`rulebooks`"


def check(start: datetime, cast: Cast, steps: Iterable[Step], versions: Collection[str]) -> None:
    """Check all steps, in their order; `versions` are the names of those that the scenario has.

    Raises:
        FlawError: with the step and its field.
    """
    people, subjects = cast.people, cast.subjects
    clock, cases = start, Cases()
    for step in steps:
        try:
            clock = _later(clock, step)
            for place, part in _parts(step):
                _must_know(part.by, people, f"{place}by", "person")
                _must_move_a_version(part, versions, place)
                if step.expect is None or step.expect.error is None:
                    _must_stream_somebody(part, cast, place)
            cases.follow(step)
            _must_expect_known(step, cast, subjects, versions)
        except FlawError as found:
            raise FlawError(found.field, found.message, step=step.number) from None


class Cases:
    """The case ids that were given so far. An act that expects a refusal may name any, and its own id stays free."""

    def __init__(self) -> None:
        self._named: set[str] = set()
        self._taken: set[str] = set()

    def follow(self, step: Step) -> None:
        refused = step.expect is not None and step.expect.error is not None
        some_refused = refused or (step.expect is not None and bool(step.expect.refused))
        for place, part in _parts(step):
            for field, name in _texts(part, "id"):
                if name in self._taken and part is step:
                    raise FlawError(f"{place}{field}", f"the id {shown(name)} is already taken")
                self._named.add(name)
                if not refused:
                    self._taken.add(name)
        for place, part in _parts(step):
            for field, name in _texts(part, *CASE_WORDS) if not some_refused else ():
                self._must_be_named(name, f"{place}{field}")
        for field, name in step.expect.of_cases() if step.expect else ():
            self._must_be_named(name, f"expect.{field}.{name}")

    def _must_be_named(self, name: str, field: str) -> None:
        if name not in self._named:
            raise FlawError(field, f"no case {shown(name)} up to here{near(name, self._named)}")


def _parts(step: Step) -> Iterator[tuple[str, Step]]:
    yield "", step
    if isinstance(step.act, Many):
        yield from (("many.step.", each) for each in step.act.steps())


def _texts(step: Step, *fields: str) -> Iterator[Named]:
    if step.act is None:
        return
    for field in fields:
        value = getattr(step.act, field, None)
        if isinstance(value, str):
            yield f"{step.act.do}.{field}", value


def _later(clock: datetime, step: Step) -> datetime:
    if step.at is not None and step.at < clock:
        raise FlawError("at", f"{step.at.isoformat()} is over: it is already {clock.isoformat()}")
    try:
        return step.at or clock + (step.after or clock - clock)
    except OverflowError:
        raise FlawError("after", "leads past the end of the calendar") from None


def _must_know(name: str | None, names: Iterable[str], field: str, what: str, among: str = "the cast") -> None:
    if name is not None and name not in names:
        raise FlawError(field, f"no {what} {shown(name)} in {among}{near(name, names)}")


def _must_move_a_version(step: Step, versions: Collection[str], place: str) -> None:
    if step.act is None:
        return
    given, field = step.act.given(), f"{place}{step.act.do}.version"
    if "version" in given:
        _must_know(str(given["version"]), versions, field, "version", _VERSIONS)
        if "case" in given:
            raise FlawError(field, "an act is of a case or of a version, not of both")
    elif "version" in step.act.words() and "case" not in step.act.words():
        raise FlawError(field, "missing")


def _must_stream_somebody(step: Step, cast: Cast, place: str) -> None:
    if isinstance(step.act, Stream) and "creator" in step.act.given():
        _must_know(str(step.act.creator), cast.creators, f"{place}stream.creator", "creator")


def _must_expect_known(step: Step, cast: Cast, subjects: frozenset[str], versions: Collection[str]) -> None:
    if step.expect is None:
        return
    for key in step.expect.score:
        _must_know(subject_and_period(key)[0], subjects, f"expect.score.{key}", "subject")
    for word, by_subject in (("penalties", step.expect.penalties), ("on_trial", step.expect.on_trial)):
        for name in by_subject:
            _must_know(name, subjects, f"expect.{word}.{name}", "subject")
    for name in step.expect.quota:
        _must_know(name, cast.agencies, f"expect.quota.{name}", "agency")
    for field in ("version", "reached", "forecast"):
        for name in getattr(step.expect, field):
            _must_know(name, versions, f"expect.{field}.{name}", "version", _VERSIONS)
    for version, hit in step.expect.forecast.items():
        for name in hit:
            _must_know(name, subjects, f"expect.forecast.{version}.{name}", "subject")
