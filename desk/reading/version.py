"""One version of the rulebook, as staff read it: where it stands, what was done with it, how far its wave has come."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from activities.rollout.dates import must_fit, planned, within_notice
from activities.rollout.effects import planned_dates
from activities.rollout.forecast import forecast
from activities.rollout.input import Planned, validated
from activities.rollout.moving import Moving
from activities.rollout.situation import situate
from activities.rulebooks import Rulebooks
from desk.reading.offered import of_version
from desk.reading.redaction import THEMSELVES
from rulebook.model import Rulebook
from states.sight import Resource, sees
from states.situation import Actor
from states.table import Possible
from states.terms import Code, RefusedError
from states.version_terms import VersionStatus
from store import forecast as forecasts
from store import hit, party, text, timeline
from store import version as versions
from store.version import Version

# What people wrote with a move; its facts name the texts.
_WORDS = ("reasons", "override")
# The fact of a wave's failure that names a subject.
_AT_FAULT = "subject"


@dataclass(frozen=True)
class Step:
    """A move that brought the version to another status, with what was written at it in `texts`, by field."""

    number: int
    at: datetime
    event: str
    actor: str
    source: VersionStatus
    target: VersionStatus
    facts: dict[str, Any]
    texts: dict[str, str]


@dataclass(frozen=True)
class Wave:
    """A region that the version has from `since` on: of the `living` there its wave has `seen` and `hit` so many.

    `released` are those that it left again; `through` says that nobody is before it, on its way there or back.
    """

    region: str
    since: datetime
    living: int
    seen: int
    hit: int
    released: int
    through: bool


@dataclass(frozen=True)
class Life:
    """A version, its moves, and which its reader can make now.

    `dates` are those of its newest proposal or approval, by region; `notices` the regions whose notice they are within
    if it were approved now, with the earliest date that needs no reason. `forecast` has the columns of `forecasts`.
    """

    book: Rulebook
    version: Version
    moves: list[Possible]
    timeline: list[Step]
    dates: dict[str, datetime]
    notices: dict[str, datetime]
    waves: list[Wave]
    forecast: dict[str, Any] | None

    @property
    def allowed(self) -> list[str]:
        """The moves that are the reader's now."""
        return [one.event for one in self.moves if one.allowed]


def life_of(connection: Connection, rulebooks: Rulebooks, actor: Actor | None, book: Rulebook, now: datetime) -> Life:
    """The version's life; without an actor nobody can move it.

    Raises:
        RefusedError: `not_found`, field `version`: the database doesn't have it.
    """
    version = versions.read(connection, book.digest)
    if version is None:
        raise RefusedError(Code.NOT_FOUND, "no_version", "version")
    found = forecasts.read(connection, book.digest)
    dates = versions.dates(connection, book.digest) or planned_dates(connection, version)
    proposed = version.status is VersionStatus.PROPOSED and version.follows is not None
    return Life(
        book=book,
        version=version,
        moves=of_version(situate(Moving(connection, rulebooks, version, now, actor))) if actor else [],
        timeline=_timeline(connection, actor, book.digest),
        dates=dates,
        notices=within_notice(dates, rulebooks.version(connection, version.follows or ""), now) if proposed else {},
        waves=_waves(connection, version),
        forecast=shown(found, actor) if found else None,
    )


def shown(forecast: Mapping[Any, Any], actor: Actor | None) -> dict[str, Any]:
    """A forecast as somebody reads it: all figures, and those of its subjects whom they see."""
    return {**forecast, "subjects": [one for one in forecast["subjects"] if _sees(actor, one["region"])]}


def _sees(actor: Actor | None, region: str) -> bool:
    """Whether somebody reads what versions are to the subjects of a region."""
    return actor is None or sees(actor, Resource.GOVERNED, {"region": region})


def foreseen(
    connection: Connection, rulebooks: Rulebooks, book: Rulebook, said: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    """What a proposal of the version with these dates would forecast.

    Raises:
        RefusedError: `invalid`: it could not be proposed with them.
    """
    follows = versions.newest(connection) or ""
    dates = planned(book, validated(Planned, said))
    must_fit(connection, book, rulebooks.version(connection, follows), dates, now)
    return forecast(connection, rulebooks.timeline(connection), book.digest, follows, dates).row()


def _timeline(connection: Connection, actor: Actor | None, digest: str) -> list[Step]:
    """The moves but those of its batches, which leave it where it is: what they did is the wave's.

    At whom a batch failed is a fact of its move, for those who see the subject.
    """
    lines = versions.steps(connection, digest)
    named = party.read(connection, {line["facts"][_AT_FAULT] for line in lines if _AT_FAULT in line["facts"]})
    unseen = {one.id for one in named if not _sees(actor, one.region)}
    bodies = text.bodies(
        connection, [line["facts"][word] for line in lines for word in _WORDS if word in line["facts"]]
    )
    return [_step(line, bodies, unseen) for line in lines]


def _step(line: Mapping[Any, Any], bodies: Mapping[str, str | None], unseen: Collection[str]) -> Step:
    kept = {name: line[name] for name in ("number", "at", "event")}
    actor = THEMSELVES.get(line["actor"], line["actor"])
    facts = {name: value for name, value in line["facts"].items() if name not in _WORDS}
    if facts.get(_AT_FAULT) in unseen:
        del facts[_AT_FAULT]
    texts = {word: body for word in _WORDS if (body := bodies.get(line["facts"].get(word)))}
    return Step(
        **kept,
        actor=actor,
        source=VersionStatus(line["source"]),
        target=VersionStatus(line["target"]),
        facts=facts,
        texts=texts,
    )


def _waves(connection: Connection, version: Version) -> list[Wave]:
    going = timeline.waves(connection, version.digest)
    back = version.status in {VersionStatus.TAKING_BACK, VersionStatus.TAKEN_BACK}
    living = hit.living(connection, [one.region for one in going])
    released = hit.released(connection, version.digest)
    return [
        Wave(
            region=one.region,
            since=one.since,
            living=living.get(one.region, 0),
            seen=one.seen,
            hit=one.hit,
            released=released.get(one.region, 0),
            through=one.undone if back else one.through,
        )
        for one in going
    ]
