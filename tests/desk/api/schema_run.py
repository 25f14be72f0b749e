"""Does the API keep its word for ten minutes? `make schema` asks a product of its own, and writes down what it heard."""

import argparse
import asyncio
import json
import platform
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from schema_world import AS, PEOPLE, asked_over, asking

from workers.house import up
from workers.settings import Settings

PAGE = Path(__file__).parents[3] / "docs" / "schemathesis.md"
TOLD = re.compile(r"(?<=<!-- run -->\n).*(?=<!-- /run -->)", re.DOTALL)
TOOLS = ("schemathesis", "hypothesis", "fastapi", "pydantic", "uvicorn")
Heard = Sequence[dict[str, Any]]


async def run(seconds: int, **how: Any) -> Heard:
    """Ask a new product with everything in it; the same time as each role."""
    each = max(seconds // len(how["only"]), 1)
    heard = []
    with TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder))
        async with up(settings, ephemeral=True, headless=True) as (house, _), asked_over(house) as asked:
            async for one in asking(asked, seconds=each, shrink=False, **how):
                sys.stderr.write(f"{one['role']}: {one['cases'] and sum(one['cases'].values())} cases\n")
                heard.append(one)
    return heard


def page(heard: Heard, seed: int) -> Iterator[str]:
    """What was heard, for people."""
    total, phases, checks = (_sum(heard, name) for name in ("cases", "phases", "checks"))
    tools = ", ".join(f"{tool} {version(tool)}" for tool in TOOLS)
    minutes = sum(one["seconds"] for one in heard) / 60
    findings = sum(len(one["findings"]) for one in heard)
    yield f"\n{total.total():,} cases in {minutes:.1f} minutes, with seed {seed}: **{findings} findings**."
    yield f"Python {platform.python_version()}, {tools}.\n"
    yield "| as | cases | " + " | ".join(phases) + " |"
    yield "|---|--:|" + "--:|" * len(phases)
    for one in heard:
        cells = [f"{one['phases'].get(phase, 0):,}" for phase in phases]
        yield f"| {one['role']} | {sum(one['cases'].values()):,} | " + " | ".join(cells) + " |"
    yield "\n| check | times |\n|---|--:|"
    yield from (f"| `{check}` | {times:,} |" for check, times in sorted(checks.items()))
    yield "\n| operation | cases | answers |\n|---|--:|---|"
    for operation, times in sorted(total.items(), key=lambda item: item[0].split(" ")[::-1]):
        answers: Counter[str] = Counter()
        for one in heard:
            answers.update(one["answers"].get(operation, {}))
        told = ", ".join(f"{status}: {number:,}" for status, number in sorted(answers.items()))
        yield f"| `{operation}` | {times:,} | {told} |"
    yield ""


def _sum(heard: Heard, name: str) -> Counter[str]:
    return sum((Counter(one[name]) for one in heard), Counter())


def main() -> int:
    """Ask, and write it down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--examples", type=int, default=50, help="of an operation, in a round")
    parser.add_argument("--only", nargs="+", choices=PEOPLE, default=list(AS))
    parser.add_argument("--into", type=Path, default=PAGE)
    told = parser.parse_args()
    heard = asyncio.run(run(int(told.minutes * 60), seed=told.seed, examples=told.examples, only=told.only))
    findings = {where: found for one in heard for where, found in one["findings"].items()}
    if findings:
        sys.stdout.write(json.dumps(findings, indent=1) + "\n")
    text = "\n".join(page(heard, told.seed))
    before = told.into.read_text("utf-8") if told.into.exists() else "<!-- run -->\n<!-- /run -->\n"
    told.into.write_text(TOLD.sub(lambda _: text, before), "utf-8")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
