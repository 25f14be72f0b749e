"""Moves a version's wave without Temporal, one batch after the other: `python -m bench.wave.mover URL DIGEST`."""

import sys
import time

from activities.rollout import life
from activities.rulebooks import Rulebooks
from store.engine import connect
from store.keyring import fleeting
from workers.clock import Clock


def main() -> None:
    """Make what is due, until nothing is."""
    url, digest = sys.argv[1:]
    engine, rulebooks, clock = connect(url, pool=1, keyring=fleeting()), Rulebooks(), Clock()
    while True:
        with engine.begin() as connection:
            due, _ = life.by_time(connection, rulebooks, digest, clock.now())
        if due is None:
            return
        time.sleep(max((due - clock.now()).total_seconds(), 0))


if __name__ == "__main__":
    main()
