"""What a bench of lives runs, as its command line says."""

import argparse
from dataclasses import dataclass
from pathlib import Path

WARM_UP = 20


@dataclass(frozen=True)
class Plan:
    """Lives a turn, how many at once, the seconds between two moves, how often each side has its turn.

    `into` is the page whose table and picture are written anew; none where the table is only printed.
    """

    lives: int = 150
    concurrency: int = 8
    pause: float = 0
    rounds: int = 5
    appeal: bool = False
    options: str = "ours"
    into: Path | None = None

    @property
    def total(self) -> int:
        """The lives of each side, with those that warm up."""
        return self.lives * self.rounds + WARM_UP


def asked(description: str | None, plan: Plan) -> Plan:
    """Read the command line; what it does not say is as in the plan."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--lives", type=int, default=plan.lives, help=f"lives a turn ({plan.lives})")
    parser.add_argument("--concurrency", type=int, default=plan.concurrency, help="lives at once (8)")
    parser.add_argument("--pause", type=float, default=plan.pause, help="seconds between two moves of a life (0)")
    parser.add_argument("--rounds", type=int, default=plan.rounds, help=f"turns of each side ({plan.rounds})")
    parser.add_argument("--appeal", action="store_true", help="each verdict is appealed and overturned")
    parser.add_argument("--options", choices=("ours", "sdk"), default="ours", help="of the others' workers (ours)")
    parser.add_argument("--into", type=Path, help="write the table into this page, and the picture beside it")
    return Plan(**vars(parser.parse_args()))
