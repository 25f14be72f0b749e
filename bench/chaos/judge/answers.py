"""Is what the clients were told what was done, once; and is it what they are told when they ask again?"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from bench.chaos.judge.rows import Row, Rows

# What only time or the engine does to a case.
NOBODY = {"clock", "engine"}
EVENTS = {"report": "submit", "appeal": "submit"}
# What may be refused, and why; all else is wrong.
REFUSED = {("report", "quota_exhausted"), ("appeal", "appeal_expired")}


def command_id(line: Row) -> str:
    """The id of what an actor asks under a key."""
    return hashlib.sha256(f"{line['actor']}\n{line['key']}".encode()).hexdigest()


def sent(told: Iterable[Row]) -> Iterator[Row]:
    """The first line of each key: keyed clients write one when they are answered, the control before it asks."""
    seen = set[str]()
    for line in told:
        if (name := command_id(line)) not in seen:
            seen.add(name)
            yield line


def answers(rows: Rows, told: Sequence[Row]) -> Iterator[str]:
    """Each answer is its command's row and was made once, stays, and nothing was done that nobody asked for."""
    commands = {row["id"]: row for row in rows["commands"]}
    lines = {(row["case"], row["version"]): row for row in rows["journal"]}
    firsts: dict[str, Row] = {}
    for line in told:
        if "status" in line:
            name = command_id(line)
            if line.get("again"):
                yield from _stays(line, firsts.get(name))
            else:
                firsts[name] = line
            yield from _refused(line, name, commands) if line["status"] >= 300 else _done(line, name, commands, lines)
    yield from _asked(rows, told)


def _done(line: Row, name: str, commands: Mapping[str, Row], lines: Mapping[tuple[str, int], Row]) -> Iterator[str]:
    """The whole body is what the command's row holds, and the journal says that it was done then."""
    row, body = commands.get(name), line["told"]
    who = f"{line['actor']}, {line['key']}"
    if row is None:
        yield f"{who}: was answered, and is not stored"
        return
    if plain(body) != plain(row["answer"]):
        yield f"{who}: was told {body}, stored is {row['answer']}"
    of = (row["actor"], row["event"], row["case"])
    if of != (line["actor"], EVENTS.get(line["verb"], line["verb"]), body["case"]):
        yield f"{who}: is stored as {of}"
    led = lines.get((body["case"], body["version"]))
    if led is None or led["target"] != body["status"]:
        yield f"{who}: was told {body['status']} in version {body['version']}, by the journal {led}"


def _stays(line: Row, first: Row | None) -> Iterator[str]:
    if first is None or (line["status"], line["told"]) != (first["status"], first["told"]):
        yield f"{line['actor']}, {line['key']}: asked again, was told {line['told']}, before {first and first['told']}"


def _refused(line: Row, name: str, commands: Mapping[str, Row]) -> Iterator[str]:
    who = f"{line['actor']}, {line['key']}"
    if (line["verb"], line["told"].get("code")) not in REFUSED:
        yield f"{who}: was answered {line['status']}: {line['told']}"
    if name in commands:
        yield f"{who}: was refused, and carried out"


def _asked(rows: Rows, told: Sequence[Row]) -> Iterator[str]:
    """Each move that somebody made was asked for under a key, and made once."""
    asked = {command_id(line) for line in told}
    for row in rows["commands"]:
        if row["id"] not in asked:
            yield f"{row['actor']} did {row['event']} to {row['case']}, and asked for nothing of the kind"
    stored = Counter((row["case"], row["actor"], row["event"]) for row in rows["commands"])
    made = Counter((row["case"], row["actor"], row["event"]) for row in rows["journal"] if row["actor"] not in NOBODY)
    for move in stored.keys() | made.keys():
        if (made[move], stored[move]) != (1, 1):
            yield f"{move} was made {made[move]} times, of {stored[move]} commands"


def plain(body: Mapping[str, Any]) -> dict[str, Any]:
    """An answer, with its time as one: it is written in several ways."""
    return {**body, "at": datetime.fromisoformat(body["at"])} if isinstance(body.get("at"), str) else {**body}
