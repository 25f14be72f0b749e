"""What should a score's acts cost, and what is booked for them? Ten thousand of them are priced in milliseconds."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import NamedTuple

from sqlalchemy import Connection

from activities.timeline import Timeline
from rulebook import recovery
from rulebook.calendar import day_bounds, local_day
from rulebook.policy import Policy
from rulebook.scheme import Bounds, RankPricing, Recovery, ScoreScheme
from rulebook.score import Act, balances, price
from rulebook.terms import OnOverturn, Severity, SubjectKind
from store import ledger, verdict
from store.party import Subject
from store.verdict import Alike

# Stands for the time of an act that many violations share: they are given in order, and sorting is stable.
_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
# An act, and the places of the violations that share it.
Priced = tuple[Act, list[int]]


class Counted(NamedTuple):
    """Where a score starts, and what it can be at least and at most, in points."""

    start: int
    floor: int
    cap: int


def counted(scheme: ScoreScheme, bounds: Bounds) -> Counted:
    """How a scheme counts a score with these bounds."""
    return Counted(bounds.start, scheme.floor, bounds.cap)


@dataclass(frozen=True)
class Change:
    """Why a score is priced again: when, with which reason (`verdict`, `overturned`, …), for which case and violation.

    `lowered` is by how many points a modification lowered the extra deduction. `former` is how the score was counted,
    where that changes: before the platform fed another class, or a wave brought another version. `back`: the wave of a
    version that is taken back releases the subject.
    """

    at: datetime
    reason: str
    case: str | None = None
    violation: str | None = None
    lowered: int = 0
    former: Counted | None = None
    back: bool = False


class Item(NamedTuple):
    """An act of the score with the price booked for it and the one that it should have."""

    act: Act
    booked: int
    wanted: int

    @property
    def violation(self) -> str | None:
        return self.act.id if self.act.kind == "violation" else None

    @property
    def day(self) -> date | None:
        return date.fromisoformat(self.act.id) if self.act.kind == "recovery" else None


@dataclass(frozen=True)
class Weighed:
    """The items of a score's period in order, column by column; violations that are alike share an act.

    `stands` are the violations that stand.
    """

    acts: list[Act]
    ids: list[str]
    occurred: list[datetime]
    booked: list[int]
    wanted: list[int]
    stands: list[bool]

    def __iter__(self) -> Iterator[Item]:
        return (self.item(place) for place in range(len(self.acts)))

    def item(self, place: int) -> Item:
        act = replace(self.acts[place], id=self.ids[place], occurred=self.occurred[place], order=place)
        return Item(act, self.booked[place], self.wanted[place])

    def insert(self, item: Item) -> None:
        """Put a recovery before the violations of its day."""
        place = bisect_left(self.occurred, item.act.occurred)
        self.acts.insert(place, item.act)
        self.ids.insert(place, item.act.id)
        self.occurred.insert(place, item.act.occurred)
        self.booked.insert(place, item.booked)
        self.wanted.insert(place, item.wanted)
        self.stands.insert(place, False)

    def ranks(self) -> dict[str, int]:
        """Which of the violations that stand each is, from 1, as it is priced."""
        standing = [place for place, stands in enumerate(self.stands) if stands]
        standing.sort(key=lambda place: self.acts[place].last)
        return {self.ids[place]: rank for rank, place in enumerate(standing, 1)}

    def changes(self, start: int, floor: int, cap: int) -> list[tuple[Item, int]]:
        """The items whose price changes, each with the score once it and those before it have changed.

        The loop goes from the last item to the first, and keeps what the items after its place do together to a score
        that comes to them, at their old prices: `min(high, max(low, score + shift))`.
        """
        before = balances(start, floor, cap, self.wanted)
        end, shift, low, high = len(self.acts), 0, floor, cap
        changed = []
        for place in reversed([n for n, booked in enumerate(self.booked) if booked != self.wanted[n]]):
            for points in reversed(self.booked[place + 1 : end]):
                low, high = _held(floor + shift, low, high), _held(cap + shift, low, high)
                shift -= points
            changed.append((self.item(place), _held(before[place] + shift, low, high)))
            end = place + 1
        return changed[::-1]


def _held(score: int, low: int, high: int) -> int:
    return min(max(score, low), high)


def weigh(
    connection: Connection,
    timeline: Timeline,
    subject: Subject,
    of_period: str,
    policy: Policy,
    change: Change | None = None,
) -> Weighed:
    """Every act of a score's period in order, with the price booked for it and the one that it should have.

    A violation is priced by the version that it pins, a clean day by the version of that day (`domain.md` §8), and
    `policy`, which governs the subject and must count a score of it, says the rest. A violation that was judged under
    `freeze` keeps its price, unless the change is about it (ruling 8). What a version has no score for, or only a
    clause on trial, costs nothing then, nor later.
    """
    scheme = policy.must_count(subject.kind)
    score = subject.id, scheme.key, of_period
    groups = verdict.priced(connection, score, change.violation) if change else verdict.ever_priced(connection, score)
    rules = {version: timeline.answering(version, subject) for version in {group.rulebook for group in groups}}
    schemes = {version: [one.scheme_of(subject.kind) for one in answer] for version, answer in rules.items()}
    acts = [_act(group, rules[group.rulebook][0], subject.kind, change) for group in groups]
    free = _free(connection, subject.kind, rules, groups)
    weighed = _weighed(schemes, groups, acts, free)
    if subject.kind is SubjectKind.CREATOR:
        standing = (group for group in groups if group.stands)
        costly = (
            at for group in standing for id_, at in zip(group.ids, group.occurred, strict=True) if id_ not in free
        )
        dirty = {local_day(at, policy.zone) for at in costly}
        for item in _recoveries(connection, timeline, subject, scheme.key, of_period, policy, dirty):
            weighed.insert(item)
    return weighed


def _free(
    connection: Connection, kind: SubjectKind, rules: Mapping[str, Sequence[Policy]], groups: Sequence[Alike]
) -> frozenset[str]:
    """The violations that cost nothing and count for none, by one of the versions that answer for them.

    It had their clauses on trial and the score enforced; or it is what a version that is taken back followed, and did
    not know them.
    """
    doubtful = [group for group in groups if group.on_trial or len(rules[group.rulebook]) > 1]
    clauses = verdict.clauses(connection, [id_ for group in doubtful for id_ in group.ids]) if doubtful else {}
    return frozenset(
        id_ for group in doubtful for id_ in group.ids if spared(rules[group.rulebook], clauses[id_], kind)
    )


def spared(answering: Sequence[Policy], clause: str, kind: SubjectKind) -> bool:
    """Whether a violation of the clause costs nothing by one of the versions that answer for it."""
    return not all(answer.takes_points(clause, kind) for answer in answering)


def _weighed(
    schemes: Mapping[str, Sequence[ScoreScheme | None]],
    groups: Sequence[Alike],
    acts: Sequence[Act],
    free: frozenset[str],
) -> Weighed:
    """Price the groups, each with what its act costs, and put their violations into their places.

    What several versions answer for costs the least that one of them asks; those that are `free` cost nothing.
    """
    standing = [
        (act, [place for place, id_ in zip(group.places, group.ids, strict=True) if id_ not in free])
        for act, group in zip(acts, groups, strict=True)
        if group.stands
    ]
    prices = {
        version: _least([_prices(judging, standing), *(_prices(scheme, _loose(standing)) for scheme in others)])
        for version, (judging, *others) in schemes.items()
    }
    size = sum(len(group.places) for group in groups)
    weighed = Weighed([*acts[:1]] * size, [""] * size, [_ONCE] * size, [0] * size, [0] * size, [False] * size)
    for act, group in zip(acts, groups, strict=True):
        own = prices[group.rulebook]
        for place, id_, at in zip(group.places, group.ids, group.occurred, strict=True):
            weighed.acts[place], weighed.ids[place], weighed.occurred[place] = act, id_, at
            weighed.booked[place], weighed.wanted[place] = group.price, own.get(place, 0)
            weighed.stands[place] = group.stands
    return weighed


def _loose(standing: Sequence[Priced]) -> list[Priced]:
    """The same acts, none with a price that stays: what other rules would ask for them."""
    return [(replace(act, points=None, last=False), places) for act, places in standing]


def _least(prices: Sequence[dict[int, int]]) -> dict[int, int]:
    return {place: min(one[place] for one in prices) for place in prices[0]} if len(prices) > 1 else prices[0]


def _prices(scheme: ScoreScheme | None, standing: Sequence[Priced]) -> dict[int, int]:
    """The prices by place: by rank, one depends on all others; by severity and level, on its own act alone."""
    if scheme is None:
        return {place: 0 for _, places in standing for place in places}
    if isinstance(scheme.pricing, RankPricing):
        acts = {place: act for act, places in standing for place in places}
        ranked = sorted(acts)
        return dict(zip(ranked, price(scheme, [acts[place] for place in ranked]), strict=True))
    alone = price(scheme, [act for act, _ in standing])
    return {place: points for points, (_, places) in zip(alone, standing, strict=True) for place in places}


def _recoveries(
    connection: Connection,
    timeline: Timeline,
    subject: Subject,
    scheme: str,
    of_period: str,
    policy: Policy,
    dirty: set[date],
) -> list[Item]:
    rules_of = timeline.of_day(subject, policy)
    booked = ledger.gains(connection, subject.id, scheme, of_period)
    days = ledger.days(connection, subject.id)
    gained = recovery.gains(days, dirty, lambda day: recovery_of(rules_of(day), subject.kind)).points
    return [
        Item(
            Act(day.isoformat(), day_bounds(day, policy.zone)[0], 0, "recovery"),
            booked.get(day, 0),
            -gained.get(day, 0),
        )
        for day in sorted(gained.keys() | booked.keys())
    ]


def recovery_of(rules: Policy, kind: SubjectKind) -> Recovery | None:
    """What clean days give back to a kind of subject by a version's rules, if anything."""
    scheme = rules.scheme_of(kind)
    return scheme.recovery if scheme else None


def _act(group: Alike, judging: Policy, kind: SubjectKind, change: Change | None) -> Act:
    """What violations that are alike cost by: under `freeze` the price of the verdict, at which they rank last."""
    freeze = judging.procedure.appeals_on_overturn is OnOverturn.FREEZE
    points = _kept(group, judging.scheme_of(kind), change) if freeze else None
    return Act(
        id="",
        occurred=_ONCE,
        order=0,
        severity=Severity(group.severity),
        extra=group.extra,
        level=group.level,
        followers=group.followers,
        average_viewers=group.average_viewers,
        points=points,
        last=freeze and points is None,
    )


def _kept(group: Alike, scheme: ScoreScheme | None, change: Change | None) -> int | None:
    """The price that violations keep under `freeze` (ruling 8); none where they are priced anew."""
    if change is None or not group.own:
        return group.price
    if change.reason == "modified" and scheme is not None and isinstance(scheme.pricing, RankPricing):
        return group.price - change.lowered
    return None
