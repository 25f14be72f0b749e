"""What should it be, whatever versions there are? The four questions of `docs/domain.md` §8, as simply as they can be said.

Nothing of the engine is used here. All is computed anew from what was found and overturned, and from how far waves are;
only the penalties of a score remember when they began.
"""

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from reforms import BASE, CONTENT, MULTI, REGIONS, Rules

RING = 2**32
RESTRICTS = {one["key"]: tuple(one["restrictions"]) for one in BASE["penalties"]}
SCORES = {"agency": "agency_compliance", "creator": "creator_health"}
Means = tuple[tuple[str, ...], int | None]


@dataclass(frozen=True)
class Subject:
    """An agency, or a creator whom an agency manages."""

    id: str
    region: str
    agency: "Subject | None" = None

    @property
    def kind(self) -> str:
        return "creator" if self.agency else "agency"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(REGIONS[self.region])


@dataclass(frozen=True)
class Wave:
    """A version in one region, as far as its cursors have come; `gone` since it is being taken back.

    `stood` is how far it had come when a year ended, where it went on after that.
    """

    rules: Rules
    digest: str
    follows: str | None
    region: str
    since: datetime
    gone: bool
    turn: int
    reached: tuple[int, str]
    released: tuple[int, str]
    stood: dict[str, tuple[int, str]] = field(default_factory=dict)

    def has_reached(self, subject: Subject, year: str = "") -> bool:
        return self._distance(subject) <= self.stood.get(year, self.reached)

    def has_released(self, subject: Subject) -> bool:
        return self.gone and self._distance(subject) <= self.released

    def _distance(self, subject: Subject) -> tuple[int, str]:
        place = int.from_bytes(hashlib.md5(subject.id.encode(), usedforsecurity=False).digest()[:4])
        return (place - self.turn) % RING, subject.id


@dataclass(eq=False)
class Found:
    """A violation. `pin` is the version that judges it, `share` the one by which the agency gets what it brings.

    `attributed`: it is charged to the creator's agency, too. `frozen` are prices that stay, by whom they are charged to.
    """

    clause: str
    charged: Subject
    occurred: datetime
    decided: datetime
    severity: str
    extra: int
    level: int
    followers: int
    pin: str
    share: str
    attributed: bool
    stands: bool = True
    frozen: dict[Subject, int] = field(default_factory=dict)

    @property
    def agency(self) -> Subject:
        return self.charged.agency or self.charged


@dataclass(frozen=True)
class Carried:
    """A penalty of a score's period: by which version, what it meant then, since when, and when it has run its time."""

    version: str
    period: str
    means: Means
    began: datetime
    ends: datetime


class Arbiter:
    """All violations in the order of their verdicts, all streamed days, and all versions by their dates."""

    def __init__(self) -> None:
        self.waves: list[Wave] = []
        self.found: list[Found] = []
        self.days: dict[str, dict[date, float]] = {}
        self.classes: dict[str, str] = {}
        self.carried: dict[str, dict[str, Carried]] = {}
        # By the subject's id: every score that there was, every penalty that was lifted, and what has released it.
        self.course: dict[str, list[tuple[datetime, str, int]]] = defaultdict(list)
        self.lifted: dict[str, list[tuple[datetime, str, Carried]]] = defaultdict(list)
        self.released: dict[str, set[str]] = defaultdict(set)

    # Which version answers?

    def at_the_act(self, region: str, at: datetime) -> Wave:
        begun = [one for one in self._of(region) if one.since <= at]
        return ([one for one in begun if not one.gone] or begun[:1])[-1]

    def governing(self, subject: Subject, at: datetime, year: str = "") -> Rules:
        return self.by(subject, at, year).rules

    def by(self, subject: Subject, at: datetime, year: str = "") -> Wave:
        standing = [one for one in self._for(subject) if one.since <= at]
        return [*standing[:1], *(one for one in standing if one.has_reached(subject, year))][-1]

    def of_day(self, subject: Subject, day: date) -> Rules:
        first, *others = self._for(subject)
        begins = datetime(day.year, day.month, day.day, tzinfo=subject.zone)
        return [first, *(one for one in others if one.since <= begins)][-1].rules

    def answering(self, pin: str, subject: Subject) -> list[Rules]:
        """What it was judged by; where that is taken back for the subject, also what stood before."""
        by = {one.digest: one for one in self._of(subject.region)}
        found = [by[pin]]
        while found[-1].has_released(subject) and found[-1].follows in by:
            found.append(by[found[-1].follows])
        return [one.rules for one in found]

    def _of(self, region: str) -> list[Wave]:
        return sorted((one for one in self.waves if one.region == region), key=lambda one: one.since)

    def _for(self, subject: Subject) -> list[Wave]:
        first, *others = self._of(subject.region)
        return [first, *(one for one in others if not one.has_released(subject))]

    # Scores.

    def period(self, subject: Subject, at: datetime) -> str:
        return "life" if subject.agency else f"{at.astimezone(subject.zone):%Y}"

    def of_period(self, subject: Subject, period: str, at: datetime) -> Rules:
        if period == "life" or at < self.end(subject, period):
            return self.governing(subject, at)
        return self.governing(subject, self.end(subject, period) - timedelta(microseconds=1), period)

    def end(self, subject: Subject, period: str) -> datetime:
        year = 9999 if period == "life" else int(period) + 1
        return datetime(year, 1, 1, tzinfo=subject.zone)

    def against(self, subject: Subject, period: str) -> list[Found]:
        """What stands against it in the period, in order of occurrence."""
        charged = [one for one in self.found if subject == one.charged or (one.attributed and subject == one.agency)]
        own = [one for one in charged if one.stands and self.period(subject, one.occurred) == period]
        return sorted(own, key=lambda one: one.occurred)

    def judging(self, one: Found, subject: Subject) -> list[Rules]:
        return self.answering(one.pin if subject == one.charged else one.share, subject)

    def prices(self, subject: Subject, period: str) -> dict[Found, int]:
        """What each costs: by the mildest of the rules that answer for it, nothing if one doesn't forbid it."""
        costs, rank = {}, 0
        for one in self.against(subject, period):
            answering = self.judging(one, subject)
            if any(one.clause in rules.gone for rules in answering):
                costs[one] = 0
                continue
            rank += 1
            costs[one] = min(_cost(rules, one, subject, rank) for rules in answering)
            if answering[0].freeze:
                others = [_cost(rules, one, subject, rank) for rules in answering[1:]]
                costs[one] = min([one.frozen[subject], *others])
        return costs

    def decide(self, one: Found) -> None:
        """Let what was found stand, and keep what it costs where prices are frozen: it ranks after all others."""
        self.found.append(one)
        self.keep(one)

    def keep(self, one: Found) -> None:
        for subject in {one.charged, *([one.agency] if one.attributed else [])}:
            rules, *_ = self.judging(one, subject)
            beside = self.against(subject, self.period(subject, one.occurred))
            rank = sum(all(v.clause not in r.gone for r in self.judging(v, subject)) for v in beside)
            if subject not in one.frozen or subject.agency:
                one.frozen[subject] = _cost(rules, one, subject, rank)

    def gains(self, subject: Subject) -> dict[date, int]:
        """What a creator gained back, by the day."""
        return self._counted(subject)[0]

    def next_gain(self, subject: Subject, at: datetime) -> tuple[int, int] | None:
        """How many more clean days give a creator how many points, by the rules of the day."""
        recovery = self.of_day(subject, at.astimezone(subject.zone).date()).recovery
        return None if recovery is None else (max(recovery[1] - self._counted(subject)[1], 1), recovery[0])

    def _counted(self, subject: Subject) -> tuple[dict[date, int], int]:
        """The gains, and the clean days since the last."""
        costs = self.against(subject, "life")
        forbidden = [one for one in costs if all(one.clause not in r.gone for r in self.judging(one, subject))]
        spoilt = {one.occurred.astimezone(subject.zone).date() for one in forbidden}
        gained, count = dict[date, int](), 0
        for day, hours in sorted(self.days.get(subject.id, {}).items()):
            recovery = self.of_day(subject, day).recovery
            if recovery is None or hours < recovery[2] or day in spoilt:
                continue
            count += 1
            if count >= recovery[1]:
                gained[day], count = recovery[0], 0
        return gained, count

    def score(self, subject: Subject, period: str, at: datetime) -> int:
        rules = self.of_period(subject, period, at)
        points = cap = rules.caps[self.classes[subject.id]] if subject.agency else rules.start
        steps = [(one.occurred, -price) for one, price in self.prices(subject, period).items()]
        if subject.agency:
            gained = self.gains(subject).items()
            steps += [(datetime(day.year, day.month, day.day, tzinfo=subject.zone), gain) for day, gain in gained]
        for _, change in sorted(steps, key=lambda step: step[0]):
            points = min(cap, max(0, points + change))
        return points

    # Penalties.

    def follow(self, subject: Subject, at: datetime) -> None:
        """Let the penalties of the current period's score be those that it carries."""
        for one in self.found:
            if one.stands and subject in one.frozen:
                one.frozen[subject] = self.prices(subject, self.period(subject, one.occurred))[one]
        period, rules = self.period(subject, at), self.governing(subject, at)
        score = self.score(subject, period, at)
        self.course[subject.id].append((at, period, score))
        lines = rules.creator_lines if subject.agency else rules.agency_lines
        wanted = {f"{SCORES[subject.kind]}.{name}" for name, line in lines.items() if score <= line}
        before = {k: row for k, row in self.carried.get(subject.id, {}).items() if row.period == period and k in wanted}
        released = {one.digest for one in self.waves if one.has_released(subject) and one.region == subject.region}
        kept = {
            key: row
            for key, row in before.items()
            if (row.ends <= at and row.version not in released) or row.means == _means(rules, key)
        }
        back = released - self.released[subject.id]
        for key in wanted - kept.keys():
            line, days = lines[key.partition(".")[2]], rules.lasts.get(key)
            began = self._since(subject, period, key, line, released) if back else at
            ends = [self.end(subject, period), *([_later(began, days, subject.zone)] if days else [])]
            kept[key] = Carried(self.by(subject, at).digest, period, _means(rules, key), began, min(ends))
        gone = [(key, row) for key, row in self.carried.get(subject.id, {}).items() if kept.get(key) != row]
        self.lifted[subject.id] += [(at, key, row) for key, row in gone if row.ends > at]
        self.carried[subject.id], self.released[subject.id] = kept, released

    def _since(self, subject: Subject, period: str, key: str, line: int, released: set[str]) -> datetime:
        """Since when a penalty runs that comes as a version goes: that would be had it never been.

        Since the score came down to the line, or since a version began it that stays.
        """
        own = {at: score for at, year, score in self.course[subject.id] if year == period}
        above = [at for at, score in own.items() if score > line]
        down = min(at for at in own if not above or at > max(above))
        for until, its, row in reversed(self.lifted[subject.id]):
            if its == key and row.period == period and row.version not in released:
                return row.began if until >= down else down
        return down

    def in_force(self, subject: Subject, at: datetime) -> dict[str, set[str]]:
        """The penalties in force by their keys, and what they restrict."""
        running: dict[str, set[str]] = {}
        for key, row in self.carried.get(subject.id, {}).items():
            if at < row.ends:
                running.setdefault(key, set()).update(row.means[0])
        for number, one in enumerate(self.found):
            if one.stands and subject in {one.charged, one.agency}:
                answering = self.judging(one, subject)
                brought = [self.brings(rules, number, subject) for rules in answering]
                keys = set.intersection(*({*one} for one in brought))
                for key in keys - {other for one in brought for mine in keys for other in one[mine]}:
                    if at < _later(one.decided, min(rules.lasts[key] for rules in answering), subject.zone):
                        said = (set(_means(rules, key)[0]) for rules in answering)
                        running.setdefault(key, set()).update(set.intersection(*said))
        return running

    def brings(self, rules: Rules, number: int, subject: Subject) -> dict[str, set[str]]:
        """What the violation brings the subject by these rules, each with what it stands instead of.

        It counts with those decided until then that stand.
        """
        one = self.found[number]
        if one.clause in rules.gone:
            return {}
        beside = [
            v for v in self.found[: number + 1] if v.stands and v.agency == one.agency and v.clause not in rules.gone
        ]
        brought: dict[str, set[str]] = {}
        if subject == one.charged and one.clause.startswith("agency") and one.severity in rules.brings:
            brought[rules.brings[one.severity]] = set()
        if subject == one.charged and (one.clause, one.severity) == ("content.minor_safety", "severe"):
            brought["base.live_suspended"] = set()
        if subject == one.agency and one.charged.agency and _crowd(one, beside, subject.zone) >= rules.crowd:
            brought[CONTENT] = set()
        if one.clause == "agency.multi_account" and _several(rules, one, beside, subject.zone):
            brought[MULTI] = {*rules.brings.values()} if rules.instead else set()
        return brought


def _cost(rules: Rules, one: Found, subject: Subject, rank: int) -> int:
    if not subject.agency:
        return rules.ranks[min(rank, len(rules.ranks)) - 1] + one.extra
    return rules.matrix[one.severity][one.level - 1] + (rules.surcharge if one.followers > 100_000 else 0) + one.extra


def _crowd(one: Found, beside: list[Found], zone: ZoneInfo) -> int:
    """How many creators have a violation in the same month."""
    month = f"{one.occurred.astimezone(zone):%Y-%m}"
    return len({v.charged for v in beside if v.charged.agency and f"{v.occurred.astimezone(zone):%Y-%m}" == month})


def _several(rules: Rules, one: Found, beside: list[Found], zone: ZoneInfo) -> bool:
    count, days = rules.several
    acts = [v.occurred for v in beside if v.clause == one.clause]
    spans = [(first, _later(first, days, zone)) for first in acts]
    return any(start <= one.occurred < end and sum(start <= at < end for at in acts) >= count for start, end in spans)


def _means(rules: Rules, key: str) -> Means:
    score = key.partition(".")[0] in SCORES.values()
    return tuple(sorted(rules.words.get(key, RESTRICTS[key]))), rules.lasts.get(key) if score else None


def _later(at: datetime, days: int, zone: ZoneInfo) -> datetime:
    wall = at.astimezone(zone).replace(tzinfo=None) + timedelta(days=days)
    return wall.replace(tzinfo=zone).astimezone(UTC)
