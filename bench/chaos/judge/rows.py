"""Do the tables agree with each other and with what clients were told?"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]
Rows = Mapping[str, Sequence[Row]]
# The rule that scores are held to: of a year, the first two violations cost 5 each, every later one 10.
START, FIRST_TWO, LATER = 100, 5, 10
MOST_A_MONTH = 30
# As whom desks and workers log in: it owns nothing.
LOGIN = "casework_house"

QUERIES = {
    "cases": "SELECT id, kind, status, outcome, version, stirred FROM cases",
    "journal": 'SELECT "case", version, event, actor, source, target FROM journal ORDER BY "case", version',
    "commands": 'SELECT id, "case", actor, event, answer FROM commands',
    "scores": "SELECT DISTINCT ON (subject) subject, balance FROM ledger ORDER BY subject, number DESC",
    "slots": 'SELECT "case", agency, month, slot, given_back_at FROM quota_slots',
    "people": "SELECT id, agency FROM people",
    "tellings": "SELECT subject, number, told_at, restrictions FROM tellings ORDER BY subject, number",
    "standings": "SELECT subject, told, stirred FROM standings",
    "logins": "SELECT DISTINCT usename::text AS name FROM pg_stat_activity"
    " WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()",
}


def journals(rows: Rows, _: Sequence[Row]) -> Iterator[str]:
    """A case is where its last line led, and each line goes on where the one before ended."""
    lines: dict[str, list[Row]] = {}
    for row in rows["journal"]:
        lines.setdefault(row["case"], []).append(row)
    for case in rows["cases"]:
        own = lines.pop(case["id"], [])
        if [row["version"] for row in own] != list(range(1, case["version"] + 1)):
            yield f"{case['id']}: lines {[row['version'] for row in own]} of version {case['version']}"
        sources = ["new", *(row["target"] for row in own)]
        if [row["source"] for row in own] != sources[:-1] or sources[-1] != case["status"]:
            yield f"{case['id']} is {case['status']}, by its journal {sources}"
        if case["stirred"]:
            yield f"{case['id']}: nobody has looked"
    for lost in lines:
        yield f"{lost} has a journal, and there is no such case"


def scores(rows: Rows, told: Sequence[Row]) -> Iterator[str]:
    """A score is what the clients were told of verdicts, by the rule."""
    against = {line["told"]["case"]: line["said"]["against"] for line in told if _done(line, "report")}
    of = {line["told"]["case"]: line["said"]["of"] for line in told if _done(line, "appeal")}
    standing: Counter[str] = Counter()
    for line in told:
        if _done(line, "decide") and line["said"].get("finding") == "violation":
            standing[against[line["said"]["case"]]] += 1
        if _done(line, "decide") and line["said"].get("outcome") == "overturned":
            standing[against[of[line["said"]["case"]]]] -= 1
    balances = {row["subject"]: row["balance"] for row in rows["scores"]}
    for subject in balances.keys() | standing.keys():
        many = standing[subject]
        wanted = max(START - FIRST_TWO * min(many, 2) - LATER * max(many - 2, 0), 0)
        if balances.get(subject, START) != wanted:
            yield f"{subject} has {balances.get(subject)}, with {many} violations: {wanted}"


def _done(line: Row, verb: str) -> bool:
    return bool(line.get("verb") == verb and line.get("status", 500) < 300 and not line.get("again"))


def quotas(rows: Rows, told: Sequence[Row]) -> Iterator[str]:
    """An agency uses no more than a month gives, each slot once; each report has one; none was refused without need."""
    used = Counter((row["agency"], row["month"], row["slot"]) for row in rows["slots"] if row["given_back_at"] is None)
    months = Counter((agency, month) for agency, month, _ in used.elements())
    for (agency, month, slot), times in used.items():
        if times > 1 or slot > MOST_A_MONTH:
            yield f"{agency} uses slot {slot} of {month} {times} times"
    for (agency, month), many in months.items():
        if many > MOST_A_MONTH:
            yield f"{agency} uses {many} reports of {month}"
    reports = Counter(row["id"] for row in rows["cases"] if row["kind"] == "report")
    if reports != Counter(row["case"] for row in rows["slots"]):
        yield "reports and slots are not the same"
    agencies = {row["id"]: row["agency"] for row in rows["people"]}
    filled = {row["agency"] for row in rows["slots"] if row["slot"] == MOST_A_MONTH}
    for line in told:
        refused = line.get("status", 0) >= 300 and line["told"].get("code") == "quota_exhausted"
        if refused and agencies[line["actor"]] not in filled:
            yield f"{line['actor']}, {line['key']}: was refused by a quota that was never used up"


def tellings(rows: Rows, _: Sequence[Row]) -> Iterator[str]:
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


def logins(rows: Rows, _: Sequence[Row]) -> Iterator[str]:
    """Desks and workers are logged in as who owns nothing."""
    for row in rows["logins"]:
        if row["name"] != LOGIN:
            yield f"{row['name']} is logged in at the database"


Check = Callable[[Rows, Sequence[Row]], Iterator[str]]
CHECKS: tuple[Check, ...] = (journals, scores, quotas, tellings, logins)
