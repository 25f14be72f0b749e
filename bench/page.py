"""Writes a bench's table into a page, between two marks, and its picture beside the page."""

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.picture import drawn
from bench.plan import Plan
from bench.table import Turns, markdown


def lives(page: Path, plan: Plan, turns: Turns, lines: Sequence[Sequence[str]], said: Sequence[str]) -> None:
    """Write what a bench of lives found; its name is that of the other sides."""
    name = "-".join(other.replace(" ", "-").lower() for other in list(turns)[1:2])
    picture = page.with_name(f"{name}.svg")
    picture.write_text(drawn(turns), encoding="utf-8")
    loads = [turn.load for found in turns.values() for turn in found]
    life = "lives with an appeal" if plan.appeal else "lives"
    measured = measured_on(f"{plan.rounds} turns of {plan.lives} {life}, {plan.concurrency} at once", loads)
    shown = f"![Lives a second and CPU a life]({picture.name})"
    write(page, name, [measured, "", markdown(lines), "", *(f"- {one}" for one in said), "", shown])


def measured_on(what: str, loads: Sequence[float]) -> str:
    """The sentence over a table: when, what, and on which machine."""
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, load {min(loads):.0f} to {max(loads):.0f}"
    return f"On {datetime.now(UTC):%Y-%m-%d}, {what}: {machine}."


def write(page: Path, name: str, lines: Sequence[str]) -> None:
    """Write what stands between `<!-- bench NAME -->` and `<!-- /bench NAME -->`.

    Raises:
        LookupError: the page has no such marks.
    """
    begin, end = f"<!-- bench {name} -->", f"<!-- /bench {name} -->"
    text = page.read_text(encoding="utf-8")
    head, _, rest = text.partition(begin)
    _, _, tail = rest.partition(end)
    if not tail:
        raise LookupError(f"{page} has no place for {name}")
    page.write_text(head + "\n".join([begin, "", *lines, "", end]) + tail, encoding="utf-8")
