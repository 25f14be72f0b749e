"""Did every version's wave come as far as its batches say, and was it forecast as its figures say?"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import takewhile
from math import ceil
from typing import Any

from sqlalchemy import Connection, RowMapping

from activities.rulebooks import Rulebooks
from ops.verify.difference import Difference
from rulebook.calendar import period_end
from states.version_terms import VersionStatus
from store import audit
from store.schema.rulebooks import forecasts, rollouts, version_moves
from store.timeline import EVERYBODY, NOBODY

Moves = Sequence[RowMapping]
_BATCH, _INSTALL, _PROPOSE = "next_batch", "install", "propose"


def waves(connection: Connection, rulebooks: Rulebooks) -> Iterator[Difference]:
    """Hold each version's waves and forecasts against its moves, and the moves against what they brought."""
    moves = defaultdict[str, list[RowMapping]](list)
    for line in audit.everything(connection, audit.whole(version_moves)):
        moves[line["version"]].append(line)
    brought = {(row.version, row.region, row.at): row.hit for row in connection.execute(audit.HIT)}
    for row in audit.everything(connection, audit.whole(rollouts)):
        of_version = moves[row["version"]]
        batches = [one for one in of_version if one["event"] == _BATCH and one["facts"].get("region") == row["region"]]
        where = f"rollouts/{row['version']}/{row['region']}"
        if not any(one["event"] == _INSTALL for one in of_version):
            yield from _walked(where, row, of_version, batches)
            if all("to" in one["facts"] for one in batches):
                yield from _stood(where, row, batches, rulebooks.policy(connection, row["version"], row["region"]).zone)
        for at, hit in _hits(batches).items():
            if hit > (found := brought.get((row["version"], row["region"], at), 0)):
                yield Difference(where, f"hit, by the penalties that began at {at}", found, hit)
    for row in audit.everything(connection, audit.whole(forecasts)):
        yield from _forecast(connection, rulebooks, row, moves[row["version"]])


def _walked(where: str, row: RowMapping, moves: Moves, batches: Moves) -> Iterator[Difference]:
    """Each batch moved a cursor of the region on, and counted whom it saw and hit.

    One of an older release doesn't say where it had brought the cursor.
    """
    there = [one["facts"] for one in batches if one["source"] == VersionStatus.ROLLING_OUT]
    back = [one["facts"] for one in batches if one["source"] == VersionStatus.TAKING_BACK]
    dates: dict[str, str] = next((one["facts"]["dates"] for one in reversed(moves) if one["event"] == _PROPOSE), {})
    expected: dict[str | tuple[str, str], Any] = {
        "in_force_from": datetime.fromisoformat(dates[row["region"]]) if row["region"] in dates else None,
        "turn": int(row["version"][:8], 16),
        "seen": sum(one["seen"] for one in there),
        "hit": sum(one["hit"] for one in there),
    }
    for way, its in (("reached", there), ("released", back)):
        if not its or "to" in its[-1]:
            expected[way, f"{way}_id"] = tuple(its[-1]["to"]) if its else (NOBODY, "")
    for name, value in expected.items():
        found = row[name] if isinstance(name, str) else tuple(row[one] for one in name)
        if found != value:
            yield Difference(where, f"{name if isinstance(name, str) else name[0]}, by its batches", value, found)


def _stood(where: str, row: RowMapping, batches: Moves, zone: Any) -> Iterator[Difference]:
    """Where it stood when a year ended is where the last batch before that had brought it."""
    there = [one for one in batches if one["source"] == VersionStatus.ROLLING_OUT]
    since, last = row["in_force_from"].astimezone(zone).year, there[-1]["at"].astimezone(zone).year if there else 0
    expected: dict[str, list[Any]] = {}
    for year in map(str, range(since, last)):
        end = period_end(year, zone)
        before = list(takewhile(lambda one, end=end: one["at"] < end, there))  # type: ignore[misc]
        expected[year] = list(before[-1]["facts"]["to"]) if before else [NOBODY, ""]
    passed = {year for year, (place, _) in expected.items() if place == EVERYBODY}
    if (found := row["stood"] or {}) != (due := {y: at for y, at in expected.items() if y not in passed}):
        yield Difference(where, "where it stood when a year ended, by its batches", due, found)


def _hits(batches: Moves) -> Counter[datetime]:
    """How many got another penalty at each time; in a rehearsal several batches share one."""
    found = Counter[datetime]()
    for one in batches:
        if one["source"] == VersionStatus.ROLLING_OUT:
            found[one["at"]] += one["facts"]["hit"]
    return found


def _forecast(connection: Connection, rulebooks: Rulebooks, row: RowMapping, moves: Moves) -> Iterator[Difference]:
    """It was made when its move proposed the version; its counts are those of its figures, and of its list."""
    where, figures = f"forecasts/{row['version']}/{row['number']}", row["figures"]
    proposal = next((one for one in moves if (one["number"], one["event"]) == (row["number"], _PROPOSE)), None)
    if proposal is None:
        yield Difference(where, "the proposal that it was made for is none")
        return
    living = Counter[str]()
    for one in figures:
        living[one["region"]] += one["seen"]
    before = rulebooks.version(connection, proposal["facts"]["follows"])
    margins = {region: before.policy(region).procedure.versions_margin for region in living}
    expected = {
        "at": proposal["at"],
        "seen": living.total(),
        "hit": len(row["subjects"]),
        "most_hit": len(row["subjects"]) + sum(ceil(living[r] * margins[r] / 100) for r in living),
    }
    for name, value in expected.items():
        if row[name] != value:
            yield Difference(where, f"{name}, by what was forecast", value, row[name])
    listed = Counter((one["region"], one["kind"], one["class"]) for one in row["subjects"])
    if listed != (hit := Counter({(f["region"], f["kind"], f["class"]): f["hit"] for f in figures if f["hit"]})):
        yield Difference(where, "hit by place, by its list", dict(listed), dict(hit))
    begun = Counter(key for one in row["subjects"] for key in one["penalties"])
    by_tier = Counter[str]()
    for tier in (tier for one in figures for tier in one["tiers"]):
        by_tier[tier["penalty"]] += tier["hit"]
        if not 0 <= tier["after"] <= tier["before"] + tier["hit"]:
            yield Difference(
                where, f"{tier['penalty']} afterwards, at most", tier["before"] + tier["hit"], tier["after"]
            )
    if begun != +by_tier:
        yield Difference(where, "hit by penalty, by its list", dict(begun), dict(+by_tier))
