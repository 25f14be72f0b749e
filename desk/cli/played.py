"""Prints rehearsals: for people a line a step, in the order of the files; for machines one document."""

from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

from ops.rehearsal.script.act import Deed
from ops.rehearsal.script.step import Many, Step
from ops.rehearsal.stage.player import Result
from ops.rehearsal.stage.rehearsal import Played

Say = Callable[[str], None]
_ABOUT = ("id", "case", "of", "creator", "version")
_HOW = ("finding", "outcome", "clause", "severity")


class InTurn:
    """Orders the lines of scenarios that are played at once: those of a later one wait until the earlier have ended."""

    def __init__(self, say: Say, tellers: int) -> None:
        self._say = say
        self._turn = 0
        self._ended: set[int] = set()
        self._held: list[list[str]] = [[] for _ in range(tellers)]

    def tell(self, teller: int, text: str) -> None:
        if teller == self._turn:
            self._say(text)
        else:
            self._held[teller].append(text)

    def end(self, teller: int) -> None:
        self._ended.add(teller)
        while self._turn in self._ended:
            self._turn += 1
            for text in self._held[self._turn] if self._turn < len(self._held) else ():
                self._say(text)


def told_as(file: Path, told: Result) -> Iterator[str]:
    """The step's line, and one for each expectation that failed."""
    mark = "✗" if told.differences else "✓"
    yield f"  {mark} {told.step.number:>3}  {_when(told.step):<25}  {_what(told)}".rstrip()
    follows = f" (step {told.follows} went wrong before)" if told.follows else ""
    for found in told.differences:
        yield f"{file}: step {told.step.number}, {told.at.isoformat()}: {found}{follows}"


def story(played: Played) -> dict[str, Any]:
    """A scenario's result, as `--json` prints it."""
    return {
        "file": str(played.scenario.file),
        "title": played.scenario.title,
        "passed": played.passed,
        "faults": played.faults,
        "steps": [_step(told) for told in played.steps],
        "cases": [asdict(case) for case in played.cases],
    }


def _step(told: Result) -> dict[str, Any]:
    step = told.step
    return {
        "step": step.number,
        "at": told.at.isoformat(),
        "by": step.by,
        "do": step.act.do if step.act else None,
        "refused": {str(code): count for code, count in told.refused.items()},
        "differences": [
            {"of": found.of, "expected": found.expected, "found": found.found, "why": found.why}
            for found in told.differences
        ],
        "follows": told.follows,
    }


def _when(step: Step) -> str:
    if step.at is not None:
        return step.at.isoformat()
    return f"+ {_span(step.after)}" if step.after is not None else ""


def _span(after: timedelta) -> str:
    days = f"{after.days} d" if after.days else ""
    rest = timedelta(seconds=after.seconds)
    return " ".join(part for part in (days, f"{rest}" if rest or not days else "") if part)


def _what(told: Result) -> str:
    act = told.step.act
    if act is None:
        return "looks" if told.step.by else ""
    if isinstance(act, Many):
        refused = ", ".join(f"{count} {code}" for code, count in told.refused.items())
        return f"{act.count} at once: {told.done} done" + (f", refused: {refused}" if refused else "")
    refused = f" → {told.refusal.code}" if told.refusal else ""
    return f"{told.step.by}: {act.do} {_words(act)}".rstrip() + refused


def _words(act: Deed) -> str:
    given = act.given()
    return " ".join(str(given[name]) for name in (*_ABOUT, *_HOW) if name in given)
