"""Histories that live under several versions of the rulebook, drawn by chance: who there is, and what happens."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from arbiter import Subject
from chance import SEVERITIES
from reforms import Rules, first, reform

CLAUSES = {
    "agency": ["agency.poaching", "agency.multi_account", "agency.multi_account", "agency.other"],
    "creator": ["content.vulgar", "content.gambling", "content.minor_safety"],
}
KINDS = ["standard", "quality", "professional"]
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Event:
    """Something that happens: a method of `Era`, and what it is told."""

    at: datetime
    what: str
    said: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """A whole history: the rules at its beginning, who there is, and what happens. Only events have a time."""

    begins: Rules
    subjects: dict[str, Subject]
    events: list[Event]


def plan(die: Random) -> Plan:
    """A history of some weeks around New Year, with one to three further versions in a chain."""
    begins, cast = first(die), subjects(die)
    now = datetime(2026, 11, 25, 9, tzinfo=UTC) + die.randint(0, 45 * 24) * HOUR
    events: list[Event] = []
    rules, reports = begins, 0
    dates: dict[str, datetime] = {}
    count = die.randint(6, 13)
    proposing = die.randrange(count // 2)  # there is one version at least
    for number in range(count):
        now += timedelta(minutes=die.choice([1, 30, 700, die.randint(1, 9000)]))
        what = 0.7 if number == proposing else die.random()
        if what < 0.42:
            events.append(Event(now, "report", _report(die, cast, now)))
            reports += 1
        elif what < 0.53 and reports:
            events.append(Event(now, "appeal", {"of": die.randrange(reports), "die": die.randint(0, 2**32)}))
        elif what < 0.63:
            events.append(Event(now, "stream", _streamed(die, cast, now)))
        elif what < 0.68:
            name = die.choice([name for name, one in cast.items() if one.agency])
            events.append(Event(now, "grow", {"name": name, "facts": _profile(die)}))
        elif what < 0.8 and sum(one.what == "propose" for one in events) < 3:
            rules = reform(rules, die)
            events.append(
                Event(
                    now,
                    "propose",
                    {"rules": rules, "dates": _dates(die, rules, now, dates), "pace": die.choice([1, 1, 2, None])},
                )
            )
        elif what < 0.94:
            events.append(Event(now, "go", {"moves": die.choice([1, 2, 3, 40])}))
        else:
            events.append(Event(now, die.choice(["halt", "resume", "take_back"])))
    if die.random() < 0.6:
        now = max([now, *dates.values()])
        ends = ("finish", *("take_back", "finish") * sum(one.what == "propose" for one in events))
        events += [Event(now := now + HOUR, what) for what in ends]
    return Plan(begins, cast, events)


def subjects(die: Random) -> dict[str, Subject]:
    """Two agencies in two regions, each with creators; one of them lives in the other region."""
    end = f".{die.randint(0, 999)}"  # each history has another order on the ring
    lotus, linde = Subject(f"lotus{end}", "VN"), Subject(f"linde{end}", "DE")
    creators = [Subject(f"{name}{end}", "VN", lotus) for name in ("kim", "tom")]
    creators += [Subject(f"ute{end}", "DE", lotus), Subject(f"eva{end}", "DE", linde)]
    return {one.id.partition(".")[0]: one for one in (lotus, linde, *creators)}


def _report(die: Random, cast: dict[str, Subject], now: datetime) -> dict[str, Any]:
    name = die.choice(["lotus", "lotus", "linde", "kim", "kim", "tom", "ute", "eva"])
    ago = die.choice([0, 0, die.randint(0, 3000), die.randint(0, 40_000)])
    return {
        "name": name,
        "clause": die.choice(CLAUSES[cast[name].kind]),
        "severity": die.choice(SEVERITIES),
        "extra": die.choice([0, 0, 0, 7]) if cast[name].agency is None else 0,
        "occurred": now - timedelta(minutes=ago),
    }


def _streamed(die: Random, cast: dict[str, Subject], now: datetime) -> dict[str, Any]:
    name = die.choice([name for name, one in cast.items() if one.agency])
    today = now.astimezone(cast[name].zone).date()
    days = {today - timedelta(days=n): die.choice([1, 2, 3, 5]) for n in range(die.randint(1, 12))}
    return {"name": name, "days": days}


def _profile(die: Random) -> tuple[str, int, int, int]:
    return die.choice(KINDS), die.randint(1, 3), die.choice([0, 200_000]), 0


def _dates(die: Random, rules: Rules, now: datetime, before: dict[str, datetime]) -> dict[str, datetime]:
    """A date of each region: at once or later, at midnight or not, after the one before."""
    for region in rules.regions:
        at = now + timedelta(minutes=die.choice([0, 0, 60, die.randint(0, 20_000)]))
        before[region] = max(at, before.get(region, at) + timedelta(minutes=1))
    return {region: before[region] for region in rules.regions}
