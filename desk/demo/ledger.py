"""A score's ledger as a table, with the reasons in words."""

from collections.abc import Mapping
from typing import Any

from rich.table import Table
from rich.text import Text

from desk.demo.sheet import sheet
from desk.demo.year import Account, Year
from rulebook.calendar import LIFE, local_day

_WHY = {
    "verdict": "{case}: {severity} violation",
    "overturned": "{case}: overturned on appeal",
    "modified": "{case}: made milder on appeal",
    "repriced": "{case}: priced again, after {cause}",
    "recovered": "clean days",
    "recovery_lost": "no longer clean days",
    "class_changed": "another class",
    "version_in_force": "another version of the rules",
}


def ledger(year: Year, account: Account) -> Table:
    """The lines: when, why, by which rule, what changed, and the score then."""
    score = account.score
    title = f"{score.subject}: {score.scheme}" + ("" if score.period == LIFE else f" {score.period}")
    table = sheet(title, "when", "why", "rule", "change", "score", right=2)
    for line in account.lines:
        change = Text(f"{line['change']:+}", "green" if line["change"] > 0 else "red")
        day = local_day(line["at"], year.policy.zone)
        late = score.period not in {LIFE, f"{day.year}"}
        when = f"{day:%d %b %y}" if late else f"{day:%d %b}"
        rule, balance = line["clause"] or line["rule"], Text(f"{line['balance']}", "bold")
        table.add_row(when, _why(year, line, late=late), rule, change, balance)
    return table


def _why(year: Year, line: Mapping[str, Any], *, late: bool) -> str:
    """The reason in words; of what was booked in a later year, also when it happened."""
    words, violation = _WHY[line["reason"]], year.violations.get(line["violation"])
    if violation is None:
        return words
    told = words.format(case=year.names[violation["case"]], severity=line["severity"], cause=year.names[line["case"]])
    return f"{told}, {local_day(violation['occurred_at'], year.policy.zone):%d %b}" if late else told
