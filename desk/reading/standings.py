"""Who is near a line? An agency's creators and agents, with their distance to the next tier (`docs/domain.md` §3.3)."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine

from activities.quota import must_be_agency
from activities.rulebooks import Rulebooks
from activities.score.gains import NextGain, next_gains
from activities.timeline import Timeline
from desk.reading.standing import ORDERS, AgentStands, Concerned, CreatorStands, Order, agents_of
from desk.reading.subject import opened
from rulebook.calendar import period
from rulebook.policy import Policy
from rulebook.scheme import Bounds, ScoreScheme
from rulebook.score import standing
from rulebook.terms import CreatorClass, SubjectKind
from states.sight import Resource
from states.situation import Actor
from states.terms import Code, RefusedError
from store import ledger, listing, roster
from store.cursor import Cursor, read, size
from store.party import Subject

PAGE = 50


@dataclass(frozen=True)
class Stands:
    """An agency's creators and agents in the order asked for, those that one sees; agents are not paged."""

    agency: Subject
    creators: list[CreatorStands]
    agents: list[AgentStands]
    next: str | None


@dataclass(frozen=True)
class _Known:
    """A creator, and how its score is counted."""

    subject: Subject
    agent: str | None
    rules: Policy
    scheme: ScoreScheme
    period: str
    bounds: Bounds

    @property
    def id(self) -> str:
        return self.subject.id

    @property
    def key(self) -> ledger.Key:
        return self.id, self.scheme.key, self.period


class Standings:
    """Reads, in one transaction; nothing is changed, and Temporal is not asked."""

    def __init__(self, engine: Engine, now: Callable[[], datetime], rulebooks: Rulebooks | None = None) -> None:
        self._engine = engine
        self._now = now
        self._rulebooks = rulebooks or Rulebooks()

    def of(
        self,
        actor: Actor | None,
        agency: str,
        order: Order = Order.NEAR,
        *,
        agent: str | None = None,
        cursor: str | None = None,
        limit: int = PAGE,
    ) -> Stands:
        """The creators whom the agency manages now, or those of one `agent`, and its agents; an agent has only its own.

        Creators of a region that counts no score of theirs are not among them.

        Raises:
            RefusedError: `not_found`: the actor doesn't see the agency; `invalid`, field `cursor` or `limit`.
        """
        start, most = read(cursor, order), size(limit)
        with opened(self._engine, self._now(), actor, agency, agency=Resource.AGENCY) as (connection, subject, now):
            must_be_agency(subject)
            concerned = listing.concerned(connection, actor, now, agency)
            timeline = self._rulebooks.timeline(connection)
            found = roster.creators_of(connection, actor, now, agency)
            known = [one for row in found if (one := _known(timeline, row, now)) is not None]
            everyone = _creators(connection, timeline, known, concerned, now)
        shown = sorted((one for one in everyone if agent in {None, one.agent}), key=ORDERS[order])
        begin = 0 if start is None else _after(shown, start)
        page = shown[begin : begin + most]
        more = Cursor(order, None, page[-1].id).opaque() if begin + most < len(shown) else None
        return Stands(subject, page, agents_of(actor, everyone, concerned, order), more)


def _known(timeline: Timeline, row: Mapping[Any, Any], now: datetime) -> _Known | None:
    subject = Subject(row["id"], SubjectKind.CREATOR, row["region"])
    _, rules = timeline.governing(subject, now)
    scheme = rules.scheme_of(SubjectKind.CREATOR)
    if scheme is None:
        return None
    bounds = scheme.bounds_of(CreatorClass(row["class"]) if row["class"] else None)
    return _Known(subject, row["agent"], rules, scheme, period(scheme.period, now, rules.zone), bounds)


def _creators(
    connection: Connection, timeline: Timeline, known: Sequence[_Known], concerned: Concerned, now: datetime
) -> list[CreatorStands]:
    if not known:
        return []
    booked = ledger.balances(connection, [one.key for one in known])
    scores = {one.id: booked.get(one.id, one.bounds.start) for one in known}
    below = {one.key: (one.subject, one.rules) for one in known if scores[one.id] < one.bounds.cap}
    gains = next_gains(connection, timeline, below, now)
    against = Counter[str]()
    for respondent, _, found in concerned:
        against[respondent] += found
    return [_stands(one, scores[one.id], against[one.id], gains.get(one.id)) for one in known]


def _stands(one: _Known, score: int, cases: int, gain: NextGain | None) -> CreatorStands:
    its = standing(one.scheme, score)
    return CreatorStands(
        id=one.id,
        score=score,
        next_in=its.next_in,
        open=cases,
        recovers_in=gain.days if gain else None,
        agent=one.agent,
        cap=one.bounds.cap,
        scheme=one.scheme,
        tier=its.tier,
        left_by=its.left_by,
    )


def _after(shown: Sequence[CreatorStands], last: Cursor) -> int:
    place = next((number for number, one in enumerate(shown, 1) if one.id == last.id), None)
    if place is None:
        raise RefusedError(Code.INVALID, "no_cursor", "cursor")
    return place
