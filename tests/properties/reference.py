"""What should it be? `docs/domain.md` as simply as it can be said; nothing of the engine is used here.

Written from the texts alone, before the engine was read. Everything is computed anew from what was found and overturned.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

ROWS = {"mild": (1, 1, 2), "moderate": (2, 3, 4), "severe": (4, 6, 8)}
FOLLOWERS = (100_000, 500_000, 1_000_000, 5_000_000, 10_000_000)
VIEWERS = (1_000, 5_000, 10_000, 50_000, 100_000)
CAPS = {"standard": 100, "quality": 110, "professional": 120}
AGENCY_LINES = {"watch": 80, "restricted": 60, "probation": 40, "suspended": 20, "terminated": 0}
CREATOR_LINES = {"limited": 70, "no_pk": 40, "no_gifts": 20}
BASE = {
    "mild": ("base.warning", 30),
    "moderate": ("base.recruiting_paused", 7),
    "severe": ("base.recruiting_suspended", 30),
}
MULTI, CONTENT = "additional.multi_account", "additional.creator_content"


@dataclass
class Violation:
    """A finding; `agency` is the one that is charged or that managed the creator, `creator` is None where it is charged."""

    clause: str
    agency: str
    occurred: datetime
    decided: datetime
    severity: str = "mild"
    extra: int = 0
    creator: str | None = None
    level: int = 1
    followers: int = 0
    viewers: int = 0
    stands: bool = True
    ranked: int = 0  # its rank when it was decided
    beside: list["Violation"] = field(default_factory=list)  # what stood when it was decided, itself too


class World:
    """All violations in the order of their verdicts, and all streaming days, in one region.

    `attributed` are the creators' clauses whose violations the agency is charged with too (§2.9).
    """

    def __init__(self, zone: str, *, freeze: bool = False, attributed: frozenset[str] = frozenset()) -> None:
        self.zone, self.freeze, self.attributed = ZoneInfo(zone), freeze, attributed
        self.violations: list[Violation] = []
        self.days: dict[str, dict[date, float]] = {}

    def year(self, at: datetime) -> int:
        return at.astimezone(self.zone).year

    def later(self, at: datetime, days: int) -> datetime:
        """Ruling 11: days are counted to the same local time."""
        wall = at.astimezone(self.zone).replace(tzinfo=None) + timedelta(days=days)
        return wall.replace(tzinfo=self.zone).astimezone(UTC)

    def decide(self, new: Violation) -> Violation:
        self.violations.append(new)
        new.ranked = len(self.of_year(new.agency, self.year(new.occurred)))
        new.beside = [v for v in self.violations if v.stands]
        return new

    def stream(self, creator: str, day: date, hours: float) -> None:
        self.days.setdefault(creator, {})[day] = hours

    # Agencies: docs/domain.md §2.

    def of_year(self, agency: str, year: int) -> list[Violation]:
        """What stands against the agency in that year, in order of occurrence."""
        charged = [v for v in self.violations if v.creator is None or v.clause in self.attributed]
        own = [v for v in charged if v.stands and v.agency == agency]
        return sorted((v for v in own if self.year(v.occurred) == year), key=lambda v: v.occurred)

    def price(self, violation: Violation) -> int:
        if violation.creator is not None:
            reached = [sum(violation.followers > n for n in FOLLOWERS), sum(violation.viewers > n for n in VIEWERS)]
            return ROWS[violation.severity][violation.level - 1] + max(reached)
        return self.agency_price(violation)

    def agency_price(self, violation: Violation) -> int:
        year = self.of_year(violation.agency, self.year(violation.occurred))
        rank = violation.ranked if self.freeze else [id(v) for v in year].index(id(violation)) + 1
        return (5 if rank <= 2 else 10) + violation.extra

    def agency_score(self, agency: str, year: int) -> int:
        score = 100
        for violation in self.of_year(agency, year):
            score = max(0, score - self.agency_price(violation))
        return score

    # Creators: docs/domain.md §3.

    def of_creator(self, creator: str) -> list[Violation]:
        return [v for v in self.violations if v.stands and v.creator == creator]

    def recoveries(self, creator: str) -> list[date]:
        spoilt = {v.occurred.astimezone(self.zone).date() for v in self.of_creator(creator)}
        streamed = sorted(day for day, hours in self.days.get(creator, {}).items() if hours >= 2)
        clean = [day for day in streamed if day not in spoilt]
        return clean[4::5]

    def creator_score(self, creator: str, kind: str) -> int:
        score = cap = CAPS[kind]
        steps = [
            (v.occurred.astimezone(self.zone).date(), v.occurred, -self.price(v)) for v in self.of_creator(creator)
        ]
        # No violation is on a clean day, so within one day there is nothing to order a recovery by.
        noon = datetime(2000, 1, 1, 12, tzinfo=self.zone)
        steps += [(day, noon, 5) for day in self.recoveries(creator)]
        for _, _, points in sorted(steps, key=lambda step: step[:2]):
            score = min(cap, max(0, score + points))
        return score

    # Penalties in force: docs/domain.md §2.7, rulings 7 and 10.

    def agency_penalties(self, agency: str, now: datetime) -> set[str]:
        score = self.agency_score(agency, self.year(now))
        keys = {f"agency_compliance.{name}" for name, line in AGENCY_LINES.items() if score <= line}
        for v in self.violations:
            if not v.stands or v.agency != agency:
                continue
            if v.creator is None:
                key, days = BASE[v.severity]
                keys |= {key} if v.decided <= now < self.later(v.decided, days) else set()
            if v.decided <= now < self.later(v.decided, 30):
                keys |= self.completed(v)
        return keys

    def creator_penalties(self, creator: str, kind: str, now: datetime) -> set[str]:
        score = self.creator_score(creator, kind)
        keys = {f"creator_health.{name}" for name, line in CREATOR_LINES.items() if score < line}
        keys |= {"creator_health.revoked"} if score == 0 else set()
        for v in self.of_creator(creator):
            if (v.clause, v.severity) == ("content.minor_safety", "severe") and v.decided <= now < self.later(
                v.decided, 7
            ):
                keys.add("base.live_suspended")
        return keys

    def completed(self, last: Violation) -> set[str]:
        """What this violation's verdict completed, together with what stood then, as far as that stands still."""
        left = [v for v in last.beside if v.stands and v.agency == last.agency]
        if last.creator is not None:
            month = last.occurred.astimezone(self.zone)
            same = {v.creator for v in left if v.creator and self.month(v.occurred) == self.month(month)}
            return {CONTENT} if len(same) >= 5 else set()
        if last.clause != "agency.multi_account":
            return set()
        several = [v for v in left if v.clause == "agency.multi_account"]
        spans = ((first.occurred, self.later(first.occurred, 30)) for first in several)
        # A window ends at its end (ruling 6).
        return (
            {MULTI}
            if any(
                start <= last.occurred < end and sum(start <= v.occurred < end for v in several) >= 3
                for start, end in spans
            )
            else set()
        )

    def month(self, at: datetime) -> tuple[int, int]:
        local = at.astimezone(self.zone)
        return local.year, local.month
