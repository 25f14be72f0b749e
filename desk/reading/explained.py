"""Which value of the rulebook takes effect, of which layer and version, by what source, and since when?"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import dropwhile

from sqlalchemy import Connection, Engine

from activities.rulebooks import Rulebooks
from activities.subject import nobody
from activities.timeline import Timeline
from desk.reading.subject import looking
from desk.reading.versions import since
from rulebook.explain import Effective, explain
from rulebook.model import Rulebook
from rulebook.policy import Policy
from states.sight import Resource, sees
from states.situation import Actor
from states.terms import Code, RefusedError
from store import party
from store.party import Subject
from store.timeline import Dated

# What of a score is said by the version of the act, or of the day, not by the one that governs whoever has the score.
_OF_ACTS = ("pricing", "recovery")


@dataclass(frozen=True)
class Explained:
    """A value that takes effect, of which version, and since when it has been this: none, from the beginning."""

    value: Effective
    version: Rulebook
    since: datetime | None


@dataclass(frozen=True)
class Explanation:
    """The values in a region at a time."""

    region: str
    at: datetime
    values: list[Explained]


class Explanations:
    """Reads; nothing is changed. With None as actor, for whoever runs the engine."""

    def __init__(self, engine: Engine, now: Callable[[], datetime], rulebooks: Rulebooks | None = None) -> None:
        self._engine = engine
        self._now = now
        self._rulebooks = rulebooks or Rulebooks()

    def of(
        self,
        actor: Actor | None,
        key: str | None,
        *,
        region: str | None = None,
        subject: str | None = None,
        at: datetime | None = None,
    ) -> Explanation:
        """The values that a key names (the whole of it, its beginning, an internal key), in a region or for a subject.

        Without a key it is all values, without a time now. For a subject the bounds and tiers of its score are those of
        the version that governs it.

        Raises:
            RefusedError: `not_found`, field `subject`, `region` (no rules were in force there) or `key`; `invalid`:
                neither a region nor a subject is said.
        """
        with looking(self._engine, actor, self._now()) as (connection, now):
            if subject is not None:
                of = party.subject(connection, subject)
                if of is None or (actor and not sees(actor, Resource.GOVERNED, {"region": of.region})):
                    raise nobody(subject)
                return self._explanation(connection, key, of.region, at or now, of)
            if region is None:
                raise RefusedError(Code.INVALID, "input.missing", "region")
            return self._explanation(connection, key, region, at or now)

    def _explanation(
        self, connection: Connection, key: str | None, region: str, at: datetime, subject: Subject | None = None
    ) -> Explanation:
        timeline = self._rulebooks.timeline(connection)
        begun = [one for one in reversed(timeline.dated) if one.region == region and one.since <= at]
        values = {
            one.value.key: one for one in self._values(timeline, (one for one in begun if not one.taken_back), key)
        }
        if timeline.at_the_act(region, at) is None:
            raise RefusedError(Code.NOT_FOUND, "unknown_region", "region", region=region)
        if subject is not None:
            digest, rules = timeline.governing(subject, at)
            own = (one for one in begun if not one.has_released(subject))
            governing = self._values(timeline, dropwhile(lambda one: one.digest != digest, own), key)
            values |= {one.value.key: one for one in governing if _governed(one.value.key, rules, subject)}
        if not values:
            raise RefusedError(Code.NOT_FOUND, "no_rule_of_key", "key", name=key or "", region=region)
        return Explanation(region, at, list(values.values()))

    @staticmethod
    def _values(timeline: Timeline, newest_first: Iterable[Dated], key: str | None) -> Iterator[Explained]:
        """What the newest version says, and since when: as far back as those before it say the same."""
        said = [(one, _by_key(timeline.version(one.digest), one.region, key)) for one in newest_first]
        for name, value in said[0][1].items() if said else ():
            same = [said[0][0]]
            for one, values in said[1:]:
                if name not in values or values[name].value != value.value:
                    break
                same.append(one)
            yield Explained(value, timeline.version(same[0].digest), since(same[-1]))


def _by_key(book: Rulebook, region: str, key: str | None) -> dict[str, Effective]:
    return {one.key: one for one in explain(book, region, key)}


def _governed(key: str, rules: Policy, subject: Subject) -> bool:
    """Whether the version that governs the subject says it: its score's bounds and tiers, and what these bring."""
    scheme = rules.scheme_of(subject.kind)
    if scheme is None:
        return False
    if key.startswith(tuple(f"scores.{scheme.key}.{name}." for name in _OF_ACTS)):
        return False
    return key.startswith((f"scores.{scheme.key}.", *(f"penalties.{tier.penalty}." for tier in scheme.tiers)))
