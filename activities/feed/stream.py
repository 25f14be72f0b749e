"""What do streamed days do? The platform feeds them; every fifth clean one gives points back (`domain.md` §3.4)."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import Connection

from activities.entered import Name
from activities.feed.recount import recovered
from activities.look import Woken
from activities.rulebooks import Rulebooks
from activities.wording import refused
from rulebook import calendar
from rulebook.terms import SubjectKind
from states.terms import Code, RefusedError, Role
from store import feed, journal, party


class Streamed(BaseModel):
    """`hours` were streamed on each of `days` local days, the last of them today."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    creator: Name
    days: Annotated[int, Field(strict=True, ge=1, le=366)]
    hours: Annotated[Decimal, Field(ge=0, le=24, decimal_places=2)]


def record(connection: Connection, rulebooks: Rulebooks, actor_id: str, said: Mapping[str, Any], at: datetime) -> Woken:
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
    _, rules = rulebooks.in_force(connection, subject.region, at)
    with journal.recording(connection, "feed", at):
        party.lock(connection, [subject.id])
        today = calendar.local_day(at, rules.zone)
        for day in _days(today, streamed.days):
            feed.streamed(connection, subject.id, day, streamed.hours)
        return recovered(connection, rulebooks, subject, at)


def _days(last: date, count: int) -> list[date]:
    return [last - timedelta(days=n) for n in reversed(range(count))]
