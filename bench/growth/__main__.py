"""What grows with the number of cases? First in the store alone, then with Temporal and a worker.

python -m bench.growth [--open 1000 10000 100000] [--closed 1000000] [--running 1000 10000] [--into page]
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from bench import page
from bench.growth import running, store
from bench.table import markdown, plain

Columns = dict[str, list[float]]


async def in_store(sizes: Sequence[int], closed: int) -> Columns:
    """What is measured with so many open cases, and at last with so many closed ones beside them."""
    found: Columns = {}
    async with store.storing(len(sizes) + 1) as growing:
        for size in sizes:
            await asyncio.to_thread(growing.fill, size)
            found[f"{size:,} open"] = await growing.measured()
            print(f"{size:,} open:", *(f"{one:.1f}" for one in found[f"{size:,} open"]), flush=True)
        if closed:
            await asyncio.to_thread(growing.close, closed)
            found[f"… and {closed:,} closed"] = await growing.measured()
    return found


async def at_work(sizes: Sequence[int]) -> Columns:
    """What is measured with so many open cases, each with a workflow."""
    found: Columns = {}
    with running.folder() as place:
        for size in sizes:
            found[f"{size:,} running"] = await running.measured(place, size)
            print(f"{size:,} running:", *(f"{one:.1f}" for one in found[f"{size:,} running"]), flush=True)
    return found


def table(rows: Sequence[str], columns: Columns) -> list[list[str]]:
    """A line for each of the rows, a column for each size."""
    return [
        ["", *columns],
        *([row, *(f"{found[number]:.1f}" for found in columns.values())] for number, row in enumerate(rows)),
    ]


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m bench.growth", description=__doc__)
    parser.add_argument("--open", type=int, nargs="*", default=[1_000, 10_000, 100_000], help="open cases in the store")
    parser.add_argument("--closed", type=int, default=1_000_000, help="closed cases beside them, at last")
    parser.add_argument("--running", type=int, nargs="*", default=[1_000, 10_000], help="open cases with a workflow")
    parser.add_argument("--into", type=Path, help="write both tables into this page")
    told = parser.parse_args()
    loads, tables = [os.getloadavg()[0]], list[list[list[str]]]()
    if told.open:
        tables.append(table(store.ROWS, asyncio.run(in_store(told.open, told.closed))))
    if told.running:
        tables.append(table(running.ROWS, asyncio.run(at_work(told.running))))
    loads.append(os.getloadavg()[0])
    print(*(f"\n{plain(one)}" for one in tables), sep="\n")
    if told.into is not None:
        measured = page.measured_on("a growing number of cases", loads)
        page.write(told.into, "growth", [measured, *(line for one in tables for line in ("", markdown(one)))])


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)  # while the interpreter ends, the SDK's threads sometimes abort the process
