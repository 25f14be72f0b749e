"""What do streamed days do? The platform feeds them; every fifth clean one gives points back (`domain.md` §3.4).

A creator has one number of hours a day: fed again they change nothing, and others correct them. The recoveries that
follow from the days are booked anew (ruling 9).
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError
from sqlalchemy import Connection

from activities.entered import Name
from activities.feed.recount import recovered
from activities.look import Woken
from activities.rulebooks import Rulebooks
from activities.wording import refused
from rulebook import calendar
from rulebook.policy import Policy
from rulebook.terms import SubjectKind
from states.terms import Code, RefusedError, Role
from store import feed, journal, party
from store.journal import DIRECT

MOST_DAYS = 366
MOST_HOURS = 24
# Outside these years a local day has no instants in every zone.
_FIRST_YEAR, _LAST_YEAR = 2, 9998
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _date(value: object) -> object:
    if not isinstance(value, date) and not (isinstance(value, str) and _DATE.fullmatch(value)):
        raise PydanticCustomError("date", "no date")
    return value


def _in_reach(value: date) -> date:
    if not _FIRST_YEAR <= value.year <= _LAST_YEAR:
        raise PydanticCustomError("year", "out of reach", {"first": _FIRST_YEAR, "last": _LAST_YEAR})
    return value


Day = Annotated[date, BeforeValidator(_date), AfterValidator(_in_reach)]
Hours = Annotated[Decimal, Field(ge=0, le=MOST_HOURS, decimal_places=2)]


class StreamedDay(BaseModel):
    """The hours of a stream on a local day of the creator's region."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    day: Day
    hours: Hours


class Streamed(BaseModel):
    """Streams by their days (`dates`; several of one day add up), or `hours` on each of `days` days that end today."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    creator: Name
    dates: Annotated[tuple[StreamedDay, ...], Field(min_length=1, max_length=MOST_DAYS)] | None = None
    days: Annotated[int, Field(strict=True, ge=1, le=MOST_DAYS)] | None = None
    hours: Hours | None = None


def record(
    connection: Connection,
    rulebooks: Rulebooks,
    actor_id: str,
    said: Mapping[str, Any],
    at: datetime,
    *,
    through: str = DIRECT,
) -> Woken:
    """Record streamed days and let the score follow, in the caller's transaction; give who must be woken after it.

    Raises:
        RefusedError: `invalid` naming the field, `forbidden` for anybody but the platform.
    """
    try:
        streamed = Streamed.model_validate(dict(said))
    except ValidationError as error:
        raise refused(error) from None
    actor = party.actor(connection, actor_id)
    subject = party.subject(connection, streamed.creator)
    if subject is None or subject.kind is not SubjectKind.CREATOR:
        raise RefusedError(Code.INVALID, "no_creator", "creator", name=streamed.creator)
    if actor is None or actor.role is not Role.PLATFORM:
        raise RefusedError(Code.FORBIDDEN, "only_platform_feeds")
    rules = rulebooks.now(connection, subject.region, at)
    found = _by_day(streamed, rules, at)
    with journal.recording(connection, "feed", at, through):
        party.lock(connection, [subject.id])
        changed = [feed.streamed(connection, subject.id, day, hours) for day, hours in sorted(found.items())]
        return recovered(connection, rulebooks, subject, at) if any(changed) else Woken()


def _by_day(streamed: Streamed, rules: Policy, at: datetime) -> dict[date, Decimal]:
    """The hours of each day."""
    today = calendar.local_day(at, rules.zone)
    if streamed.dates is None:
        if streamed.days is None:
            raise RefusedError(Code.INVALID, "input.missing", "dates" if streamed.hours is None else "days")
        if streamed.hours is None:
            raise RefusedError(Code.INVALID, "input.missing", "hours")
        return {today - timedelta(days=n): streamed.hours for n in range(streamed.days)}
    if streamed.days is not None or streamed.hours is not None:
        raise RefusedError(Code.INVALID, "dates_or_days", "dates")
    found: defaultdict[date, Decimal] = defaultdict(Decimal)
    for one in streamed.dates:
        found[one.day] += one.hours
    for day, hours in found.items():
        _must_be_a_day(day, hours, rules, today, at)
    return found


def _must_be_a_day(day: date, hours: Decimal, rules: Policy, today: date, at: datetime) -> None:
    oldest = rules.procedure.reports_oldest_act
    if day > today:
        raise RefusedError(Code.INVALID, "in_the_future", "dates")
    if oldest.after(calendar.day_bounds(day, rules.zone)[0], rules.zone) < at:
        raise RefusedError(Code.INVALID, "too_old", "dates", oldest=str(oldest))
    if hours > MOST_HOURS:
        raise RefusedError(Code.INVALID, "more_than_a_day", "dates", day=day.isoformat(), most=MOST_HOURS)
