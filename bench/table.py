"""The table of a bench: a line for each figure, a column for each side, and how they compare."""

from collections.abc import Callable, Sequence
from functools import partial
from statistics import median, quantiles

from bench.turn import Turn

Turns = dict[str, list[Turn]]
PROCESSES = ("temporal", "postgres", "worker", "client")


def rows(turns: Turns, beside: dict[str, float]) -> list[list[str]]:
    """All lines, the first with the names of the sides; the others' columns are compared with the first's."""

    def line(name: str, of: Callable[[Sequence[Turn]], float], form: str = ".1f") -> list[str]:
        return [name, *(format(of(found), form) for found in turns.values())]

    verbs = list(next(iter(turns.values()))[0].times)
    return [
        ["", *turns],
        line("lives a second", lambda found: median(turn.pace for turn in found)),
        *(line(f"a move, p{percent}, ms", partial(move, percent=percent)) for percent in (50, 99)),
        *(line(f"{verb}, p50, ms", partial(move, percent=50, verb=verb)) for verb in verbs),
        line("CPU a life, ms", partial(used, processes=PROCESSES), ".0f"),
        *(line(f"… of {process}", partial(used, processes=(process,)), ".0f") for process in PROCESSES),
        line("SQL statements a life", lambda found: median(turn.statements for turn in found), ".0f"),
        line("events of a life", lambda found: median(turn.events for turn in found), ".0f"),
        ["… and of couriers", *(f"{beside[name]:.1f}" for name in turns)],
    ]


def ratios(turns: Turns) -> dict[str, list[float]]:
    """How many lives the first side lived for one of each other side, by round."""
    first, *others = turns
    return {
        other: [one.pace / another.pace for one, another in zip(turns[first], turns[other], strict=True)]
        for other in others
    }


def less(turns: Turns) -> dict[str, float]:
    """How much CPU a life takes on each other side, for one second of the first side's."""
    first, *others = turns
    return {other: used(turns[other], PROCESSES) / used(turns[first], PROCESSES) for other in others}


def sentences(turns: Turns) -> list[str]:
    """The ratios as sentences."""
    first, cpu = next(iter(turns)), less(turns)
    return [
        f"{first} to {other}: {median(found):.2f} times the lives a second"
        f" (rounds: {', '.join(f'{ratio:.2f}' for ratio in found)}); {other} takes {cpu[other]:.2f} times the CPU"
        for other, found in ratios(turns).items()
    ]


def plain(lines: Sequence[Sequence[str]]) -> str:
    """The table for a terminal."""
    return "\n".join(f"{name:24}" + "".join(f"{cell:>14}" for cell in cells) for name, *cells in lines)


def markdown(lines: Sequence[Sequence[str]]) -> str:
    """The table for a page."""
    head, *rest = lines
    rule = ["---", *("--:" for _ in head[1:])]
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, rule, *rest))


def move(turns: Sequence[Turn], *, percent: int, verb: str | None = None) -> float:
    """A percentile of the times of moves, in milliseconds."""
    times = [one for turn in turns for name, each in turn.times.items() if verb in (None, name) for one in each]
    return quantiles(times, n=100)[percent - 1] * 1000


def used(turns: Sequence[Turn], processes: Sequence[str]) -> float:
    """CPU of a life in these processes, in milliseconds."""
    return median(sum(turn.cpu.get(process, 0) for process in processes) for turn in turns) * 1000
