"""Lives under load while everything fails, from a printed seed: `make chaos`, `python -m bench.chaos --seed 7`."""

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import SystemRandom

from bench import page, table
from bench.chaos.clients import agencies
from bench.chaos.faults import FAULTS
from bench.chaos.place import placed
from bench.chaos.run import Plan, Ran, run

INTERRUPTED = 130


async def chaos(plan: Plan, into: Path | None) -> int:
    """Do all of it, and print what was found; give 1 where something is wrong, 2 where the run was too weak."""
    print(f"seed {plan.seed}: {plan.lives} lives, {plan.at_once} at once, {plan.faults} faults", flush=True)
    task = asyncio.current_task()
    if task is not None:  # ended by `kill` as by Ctrl-C: nothing is left behind
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    load = os.getloadavg()[0]
    async with placed(agencies(plan.lives)) as place:
        ran = await run(place, plan)
        ends = sum(process.ends for process in place.processes.values())
    rows = list(_rows(ran, ends))
    print("", table.plain(rows), "", *(ran.wrong[:20] or ["nothing is wrong"]), sep="\n")
    if into is not None:
        said = page.measured_on(f"seed {plan.seed}, {plan.at_once} lives at once", [load, os.getloadavg()[0]])
        page.write(into, "chaos", [said, "", table.markdown(rows)])
    if ran.wrong:
        return 1
    if not ran.found.doubled:
        print("the control has doubled nothing: the run was too weak to prove anything")
        return 2
    return 0


def _rows(ran: Ran, ends: int) -> Iterator[Sequence[str]]:
    found = ran.found
    yield ["", ""]
    yield ["lives", f"{ran.clients.lived:,}"]
    yield ["seconds, and until everything agreed", f"{ran.lived:.0f}, {ran.agreed:.0f}"]
    yield ["faults", f"{ran.trouble.made}"]
    for name in FAULTS:
        yield [f"… {name}", f"{ran.trouble.done.get(name, 0)}"]
    yield ["processes of the product that ended", f"{ends}"]
    yield ["requests without an answer, sent again", f"{ran.clients.retries:,}"]
    yield ["answers, each compared with its row; of them refusals", f"{found.answers:,}, {found.refused:,}"]
    yield ["… of them asked again at the end, answered the same", f"{found.again:,}"]
    yield ["cases, and runs of their workflows", f"{found.cases:,}, {found.workflows:,}"]
    yield ["histories that were read, and their events", f"{found.histories:,}, {found.events:,}"]
    yield ["lost, doubled, or different", f"{len(ran.wrong)}"]
    yield ["doubled by the control, which has no keys", f"{found.doubled}"]


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m bench.chaos", description=__doc__)
    parser.add_argument("--lives", type=int, default=1000, help="reports with all that follows (1000)")
    parser.add_argument("--faults", type=int, default=40, help="spread over the lives (40)")
    parser.add_argument("--at-once", type=int, default=20, help="lives at once (20)")
    parser.add_argument("--seed", type=int, default=SystemRandom().randrange(10**6), help="of the chance (by chance)")
    parser.add_argument("--into", type=Path, help="write the table into this page")
    asked = parser.parse_args()
    try:
        plan = Plan(asked.lives, asked.faults, asked.at_once, asked.seed)
        code = asyncio.run(chaos(plan, asked.into))
    except (KeyboardInterrupt, asyncio.CancelledError):
        print("interrupted: nothing was judged")
        code = INTERRUPTED
    sys.stdout.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
