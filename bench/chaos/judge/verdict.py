"""Judges by SQL, by Temporal's histories and by the clients' own log."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg.rows import dict_row
from temporalio.client import Client

from bench.chaos.judge.answers import answers, command_id, sent
from bench.chaos.judge.histories import histories
from bench.chaos.judge.rows import CHECKS, QUERIES, Row, Rows

# So many workflows' histories are read, spread over all of them.
MOST_HISTORIES = 3000


@dataclass
class Found:
    """What is wrong, and how much was looked at; `doubled` are wishes of the control that were carried out again."""

    wrong: list[str] = field(default_factory=list)
    answers: int = 0
    again: int = 0
    refused: int = 0
    cases: int = 0
    workflows: int = 0
    histories: int = 0
    events: int = 0
    doubled: int = 0


async def judge(url: str, temporal: str, log: Path, key: bytes, most: int = MOST_HISTORIES) -> Found:
    """Look at everything once; at histories only where nothing else is wrong.

    `url` is the database's, as whoever may read all of it; `key` is that of messages through Temporal, 32 bytes.
    """
    with psycopg.connect(url, row_factory=dict_row) as connection:
        rows: Rows = {name: list(connection.execute(query)) for name, query in QUERIES.items()}
    found = judged(rows, _lines(log))
    if not found.wrong:
        read = await histories(await Client.connect(temporal), rows, key, most)
        found.wrong, found.workflows, found.histories, found.events = read
    return found


def _lines(log: Path) -> list[Row]:
    return [json.loads(line) for line in log.read_text("utf-8").splitlines()]


def judged(rows: Rows, told: Sequence[Row]) -> Found:
    """What rows and log alone say."""
    said = [line for line in told if "status" in line]
    again = sum("again" in line for line in said)
    refused = sum(line["status"] >= 300 for line in said)
    found = Found(answers=len(said) - again, again=again, refused=refused, cases=len(rows["cases"]))
    found.wrong += answers(rows, told)
    for check in CHECKS:
        found.wrong += check(rows, told)
    found.doubled = doubled(rows, told)
    return found


def doubled(rows: Rows, told: Sequence[Row]) -> int:
    """How often the control, which asks under another key each time, had a wish carried out that had been already."""
    stored = {row["id"] for row in rows["commands"]}
    wishes = Counter(line["control"] for line in sent(told) if "control" in line and command_id(line) in stored)
    return sum(times - 1 for times in wishes.values())
