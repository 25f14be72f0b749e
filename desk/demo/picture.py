"""The chart of the demo's year: the agency's score, its tiers, and what the platform restricted."""

from datetime import datetime
from zoneinfo import ZoneInfo

from desk.demo.year import AGENCY, Account, Year
from desk.drawing.chart import Bar, Chart, Line
from rulebook.calendar import month, month_bounds, period_end
from rulebook.terms import SubjectKind

_READS = {"at or below": "≤", "below": "<"}


def chart(year: Year) -> Chart:
    """Draw up the agency's score, from the first New Year to the end of the last month that was played."""
    zone, scheme = year.policy.zone, year.policy.must_count(SubjectKind.AGENCY)
    bounds = scheme.bounds_of(None)
    accounts = [account for account in year.accounts if account.score.subject == AGENCY]
    last, end = (at.astimezone(zone) for at in month_bounds(month(year.ended, zone), zone))
    start = _new_year(accounts[0], zone)
    return Chart(
        title=f"{AGENCY}: {scheme.key}, {start:%B %Y} to {last:%B %Y}",
        start=start,
        end=end,
        floor=scheme.floor,
        cap=bounds.cap,
        points=[point for account in accounts for point in _points(account, bounds.start, zone)],
        lines=[Line(tier.threshold, f"{_READS[tier.at]} {tier.threshold}", tier.key) for tier in scheme.tiers],
        bars=[Bar(f"no {restriction}", spans) for restriction, spans in year.restricted(AGENCY).items()],
    )


def _points(account: Account, start: int, zone: ZoneInfo) -> list[tuple[datetime, int]]:
    """The score at New Year and after each change in its period; what was booked after the period is left out."""
    over = period_end(account.score.period, zone)
    changes = {line["at"]: line["balance"] for line in account.lines if over is None or line["at"] < over}
    return [(_new_year(account, zone), start), *changes.items()]


def _new_year(account: Account, zone: ZoneInfo) -> datetime:
    return datetime(int(account.score.period), 1, 1, tzinfo=zone)
