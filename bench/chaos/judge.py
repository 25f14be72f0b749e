"""Judges by SQL, by Temporal's histories and by the clients' own log; imports nothing of the product, nor of the bench.

python bench/chaos/judge.py DATABASE_URL TEMPORAL_ADDRESS LOG
"""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row
from temporalio.client import Client, WorkflowExecutionStatus

Row = Mapping[str, Any]
# The rule that scores are held to: of a year, the first two violations cost 5 each, every later one 10.
START, FIRST_TWO, LATER = 100, 5, 10
MOST_A_MONTH = 30
# What only time or the engine does to a case.
NOBODY = {"clock", "engine"}
_EVENTS = {"report": "submit", "appeal": "submit"}


@dataclass
class Found:
    """What is wrong, and how much was looked at; `doubled` are wishes of the control that were carried out twice."""

    wrong: list[str] = field(default_factory=list)
    answers: int = 0
    cases: int = 0
    histories: int = 0
    doubled: int = 0


async def judge(url: str, temporal: str, log: Path) -> Found:
    """Look at everything once."""
    with psycopg.connect(url, row_factory=dict_row) as connection:
        rows: dict[str, list[Row]] = {name: list(connection.execute(query)) for name, query in _QUERIES.items()}
    told = _lines(log)
    found = Found(answers=len(told), cases=len(rows["cases"]))
    found.doubled = sum(row["times"] - 1 for row in rows["control"])
    for check in (_answers, _journal, _scores, _quotas, _tellings):
        found.wrong += check(rows, told)
    running, ended = await _workflows(await Client.connect(temporal))
    found.histories = len(running) + len(ended)
    found.wrong += _agree(rows["cases"], running, ended)
    return found


def _lines(log: Path) -> list[Row]:
    return [json.loads(line) for line in log.read_text("utf-8").splitlines()]


_QUERIES = {
    "cases": "SELECT id, kind, status, outcome, version, stirred FROM cases",
    "journal": 'SELECT "case", version, event, actor, source, target FROM journal ORDER BY "case", version',
    "commands": 'SELECT "case", actor, event, answer FROM commands',
    "scores": "SELECT DISTINCT ON (subject) subject, balance FROM ledger ORDER BY subject, number DESC",
    "quotas": "SELECT agency, month, count(*) AS used, count(DISTINCT slot) AS slots FROM quota_slots"
    " WHERE given_back_at IS NULL GROUP BY agency, month",
    "slots": 'SELECT "case" FROM quota_slots',
    "tellings": "SELECT subject, number, told_at, restrictions FROM tellings ORDER BY subject, number",
    "standings": "SELECT subject, told, stirred FROM standings",
    # The control names when it happened, by which its wishes are told apart: words are encrypted.
    "control": "SELECT occurred_at, count(*) AS times FROM cases WHERE kind = 'report' AND occurred_at < filed_at"
    " GROUP BY occurred_at HAVING count(*) > 1",
}


def _answers(rows: Mapping[str, list[Row]], told: list[Row]) -> Iterator[str]:
    """Each answer that was given is stored, and each move that somebody made was asked for, and made once."""
    stored = Counter((row["case"], row["actor"], row["event"]) for row in rows["commands"])
    made = Counter((row["case"], row["actor"], row["event"]) for row in rows["journal"])
    for line in told:
        if line["status"] < 300:
            told_of = (line["told"]["case"], line["actor"], _EVENTS.get(line["verb"], line["verb"]))
            if stored[told_of] != 1 or made[told_of] != 1:
                yield f"{told_of} was answered, is stored {stored[told_of]} times and was made {made[told_of]} times"
        elif line["status"] not in {409, 410, 422}:
            yield f"{line['actor']} was answered {line['status']}: {line['told']}"
    for moved, times in made.items():
        if moved[1] not in NOBODY and (times, stored[moved]) != (1, 1):
            yield f"{moved} was made {times} times, of {stored[moved]} commands"


def _journal(rows: Mapping[str, list[Row]], _: list[Row]) -> Iterator[str]:
    """A case is where its last line led, and each line goes on where the one before ended."""
    lines: dict[str, list[Row]] = {}
    for row in rows["journal"]:
        lines.setdefault(row["case"], []).append(row)
    for case in rows["cases"]:
        own = lines.get(case["id"], [])
        if [row["version"] for row in own] != list(range(1, case["version"] + 1)):
            yield f"{case['id']}: lines {[row['version'] for row in own]} of version {case['version']}"
        sources = ["new", *(row["target"] for row in own)]
        if [row["source"] for row in own] != sources[:-1] or sources[-1] != case["status"]:
            yield f"{case['id']} is {case['status']}, by its journal {sources}"
        if case["stirred"]:
            yield f"{case['id']}: nobody has looked"


def _scores(rows: Mapping[str, list[Row]], told: list[Row]) -> Iterator[str]:
    """A score is what the clients were told of verdicts, by the rule."""
    against = {line["told"]["case"]: line["said"]["against"] for line in told if line["verb"] == "report"}
    of = {line["told"]["case"]: line["said"]["of"] for line in told if _done(line, "appeal")}
    standing: Counter[str] = Counter()
    for line in told:
        if _done(line, "decide") and line["said"].get("finding") == "violation":
            standing[against[line["said"]["case"]]] += 1
        if _done(line, "decide") and line["said"].get("outcome") == "overturned":
            standing[against[of[line["said"]["case"]]]] -= 1
    scores = {row["subject"]: row["balance"] for row in rows["scores"]}
    for subject in scores.keys() | standing.keys():
        many = standing[subject]
        wanted = max(START - FIRST_TWO * min(many, 2) - LATER * max(many - 2, 0), 0)
        if scores.get(subject, START) != wanted:
            yield f"{subject} has {scores.get(subject)}, with {many} violations: {wanted}"


def _done(line: Row, verb: str) -> bool:
    return bool(line["verb"] == verb and line["status"] < 300)


def _quotas(rows: Mapping[str, list[Row]], _: list[Row]) -> Iterator[str]:
    """An agency has used no more than a month gives, each slot once; each report has one."""
    for row in rows["quotas"]:
        if row["used"] > MOST_A_MONTH or row["used"] != row["slots"]:
            yield f"{row['agency']} uses {row['used']} reports in {row['slots']} slots"
    reports = {row["id"] for row in rows["cases"] if row["kind"] == "report"}
    if reports != {row["case"] for row in rows["slots"]}:
        yield "reports and slots are not the same"


def _tellings(rows: Mapping[str, list[Row]], _: list[Row]) -> Iterator[str]:
    """The platform was told in order, each time once, and last what is in force."""
    by_subject: dict[str, list[Row]] = {}
    for row in rows["tellings"]:
        by_subject.setdefault(row["subject"], []).append(row)
    for standing in rows["standings"]:
        own = by_subject.get(standing["subject"], [])
        if standing["stirred"] or any(row["told_at"] is None for row in own):
            yield f"the platform has not heard of {standing['subject']}"
        if [row["number"] for row in own] != list(range(1, len(own) + 1)):
            yield f"{standing['subject']} was told as {[row['number'] for row in own]}"
        if own and sorted(own[-1]["restrictions"]) != sorted(standing["told"]):
            yield f"{standing['subject']}: {standing['told']} is known, told was {own[-1]['restrictions']}"


async def _workflows(client: Client) -> tuple[set[str], set[str]]:
    """Whose newest run goes on, and whose has ended as it should."""
    running, ended = set[str](), set[str]()
    async for run in client.list_workflows("WorkflowType = 'Case'"):
        if run.status is WorkflowExecutionStatus.RUNNING:
            running.add(run.id)
        elif run.status is WorkflowExecutionStatus.COMPLETED:
            ended.add(run.id)
    return running, ended


def _agree(cases: Iterable[Row], running: set[str], ended: set[str]) -> Iterator[str]:
    """The workflow of a closed case has ended, that of another goes on, and there is none without a case."""
    known = {case["id"]: case["status"] for case in cases}
    for case, status in known.items():
        if (case in running) == (status == "closed") or (status == "closed" and case not in ended):
            yield f"{case} is {status}; its workflow {'goes on' if case in running else 'does not go on'}"
    for alone in running - known.keys():
        yield f"{alone} goes on, and there is no such case"


if __name__ == "__main__":
    seen = asyncio.run(judge(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
    print(*(seen.wrong or ["nothing is wrong"]), sep="\n")
    sys.exit(bool(seen.wrong))
