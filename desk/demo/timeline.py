"""The timeline of a case and its appeal as a table: when, who, what, and their words."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from rich.table import Table
from rich.text import Text

from desk.demo.sheet import sheet
from desk.demo.year import TOLD, Year
from desk.reading.redaction import Entry
from rulebook.calendar import local

_BROUGHT = ("penalties", "agency_imposed", "lifted", "agency_lifted")
_SHOWN = ("clause", "against", "severity", "outcome", "score", *_BROUGHT, "repriced")


def timeline(year: Year) -> Table:
    """The journal's lines as an auditor reads them."""
    appeal, report = TOLD
    table = sheet(f"{report} and its appeal {appeal}, as an auditor reads them", "when", "who", "", "what")
    before = ("", "")
    for case, entry in year.timeline:
        when = _when(year, entry.at)
        who = "" if before == (when, entry.actor) else _who(year, entry)
        table.add_row("" if when == before[0] else when, who, case, _what(year, entry))
        before = (when, entry.actor)
    return table


def _who(year: Year, entry: Entry) -> Text:
    role = year.roles[entry.actor].replace("_", " ")
    return Text.assemble(entry.actor, (f"\n{role}", "dim") if role else "")


def _what(year: Year, entry: Entry) -> Text:
    parts = [Text(f"{entry.event} → {entry.target}".replace("_", " "), "bold")]
    parts += [Text(f"“{body}”", "italic") for body in entry.texts.values() if body]
    facts = ", ".join(_facts(year, entry))
    return Text("\n").join([*parts, Text(facts, "dim")] if facts else parts)


def _facts(year: Year, entry: Entry) -> Iterator[str]:
    for name in _SHOWN:
        value = entry.facts.get(name)
        if isinstance(value, list) and value:
            cases = [year.violations[one]["case"] if one in year.violations else one for one in value]
            yield f"{name} {' and '.join(year.names.get(one, one) for one in cases)}"
        elif value:
            yield f"{name} {value}"


def _when(year: Year, at: datetime) -> str:
    """The local time, to the nearest minute: a rehearsal's clock is some milliseconds ahead of the scenario's times."""
    return f"{local(at + timedelta(seconds=30), year.policy.zone):%d %b %H:%M}"
