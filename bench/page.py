"""Writes a bench's table into a page, between two marks, and its picture beside the page."""

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.picture import drawn
from bench.plan import Plan
from bench.table import Turns, markdown


def write(page: Path, plan: Plan, turns: Turns, lines: Sequence[Sequence[str]], said: Sequence[str]) -> None:
    """Write what stands between `<!-- bench NAME -->` and `<!-- /bench NAME -->`; NAME is that of the other sides."""
    name = "-".join(other.replace(" ", "-").lower() for other in list(turns)[1:2])
    picture = page.with_name(f"{name}.svg")
    picture.write_text(drawn(turns), encoding="utf-8")
    begin, end = f"<!-- bench {name} -->", f"<!-- /bench {name} -->"
    text = page.read_text(encoding="utf-8")
    head, _, rest = text.partition(begin)
    _, _, tail = rest.partition(end)
    if not tail:
        raise LookupError(f"{page} has no place for {name}")
    loads = [turn.load for found in turns.values() for turn in found]
    life = "lives with an appeal" if plan.appeal else "lives"
    measured = (
        f"On {datetime.now(UTC):%Y-%m-%d}, {plan.rounds} turns of {plan.lives} {life}, {plan.concurrency} at once:"
        f" {os.cpu_count()} cores, Python {platform.python_version()}, load {min(loads):.0f} to {max(loads):.0f}."
    )
    block = [begin, "", measured, "", markdown(lines), ""]
    block += [*(f"- {one}" for one in said), ""]
    shown = f"![Lives a second and CPU a life]({picture.name})"
    page.write_text(head + "\n".join([*block, shown, "", end]) + tail, encoding="utf-8")
