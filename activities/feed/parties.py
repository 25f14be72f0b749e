"""Which subjects may the platform feed, and who manages them?

A feed is recorded and hash-chained, with `through` what it came (`desk/identity/caller.py`).
"""

from datetime import datetime

from sqlalchemy import Connection

from activities.feed.known import must_be, must_be_free, must_know_region
from activities.feed.recount import reclassed
from activities.look import Woken
from activities.rulebooks import Rulebooks
from rulebook.terms import SubjectKind
from states.terms import Code, RefusedError, Role
from store import feed, journal, party
from store.journal import DIRECT
from store.party import Management, Profile


def agency(
    connection: Connection, rulebooks: Rulebooks, name: str, region: str, at: datetime, *, through: str = DIRECT
) -> None:
    """Feed an agency.

    Raises:
        RefusedError: `invalid`: the name is taken by somebody else, or the region is unknown or another one now.
    """
    must_be_free(name, "agency")
    _subject(connection, rulebooks, name, SubjectKind.AGENCY, region, at)
    with journal.recording(connection, "feed", at, through):
        feed.agency(connection, name, region)


def creator(
    connection: Connection,
    rulebooks: Rulebooks,
    name: str,
    region: str,
    profile: Profile,
    since: datetime | None,
    at: datetime,
    *,
    through: str = DIRECT,
) -> Woken:
    """Feed a creator and what its price depends on, in the caller's transaction; give who must be woken after it.

    Without `since` the first facts are true since always, and others since now.

    Raises:
        RefusedError: `invalid`, naming the field.
    """
    must_be_free(name, "creator")
    known = party.person(connection, name, lock=True)
    if known is not None and known.actor.role is not Role.CREATOR:
        raise RefusedError(Code.INVALID, "is_another", "creator", name=name, role=known.actor.role.value)
    _subject(connection, rulebooks, name, SubjectKind.CREATOR, region, at)
    if since is not None and since > at:
        raise RefusedError(Code.INVALID, "in_the_future", "since")
    with journal.recording(connection, "feed", at, through):
        if known is not None and known.ended_at is not None:
            feed.seat(connection, known, Role.CREATOR, None, at)
        known_as = party.lock(connection, [name])
        before = party.profile(connection, name, at)
        if since is None and before == profile:
            return Woken()
        feed.creator(connection, name, region, profile, since or (at if before else feed.ALWAYS))
        now = party.profile(connection, name, at)
        if before is None or now is None or before.creator_class is now.creator_class:
            return Woken()
        return reclassed(connection, rulebooks, known_as[0], before.creator_class, at)


def management(
    connection: Connection,
    name: str,
    agency: str | None,
    agent: str | None,
    since: datetime | None,
    at: datetime,
    *,
    through: str = DIRECT,
) -> None:
    """Feed who manages a creator since then (default: now).

    Raises:
        RefusedError: `not_found` where there is no such creator; `invalid`, naming the field.
    """
    found = party.subject(connection, name)
    if found is None or found.kind is not SubjectKind.CREATOR:
        raise RefusedError(Code.NOT_FOUND, "no_such_creator", "creator", name=name)
    if agency is not None:
        must_be(connection, agency, SubjectKind.AGENCY, "agency")
    if agent is not None and agency is None:
        raise RefusedError(Code.INVALID, "agent_without_agency", "agency", name=agent)
    if agent is not None:
        person = party.actor(connection, agent)
        if person is None or person.role is not Role.AGENT or person.agency != agency:
            raise RefusedError(Code.INVALID, "no_agent", "agent", agency=agency, name=agent)
    if since is None and party.management(connection, name, at) == Management(agency, agent):
        return
    with journal.recording(connection, "feed", at, through):
        feed.management(connection, name, agency, agent, since or at)


def _subject(
    connection: Connection, rulebooks: Rulebooks, name: str, kind: SubjectKind, region: str, at: datetime
) -> None:
    found = party.subject(connection, name)
    if found is not None and found.kind is not kind:
        raise RefusedError(Code.INVALID, "name_of_another", kind, name=name, kind=found.kind.value)
    if found is None and kind is SubjectKind.AGENCY and party.person(connection, name) is not None:
        raise RefusedError(Code.INVALID, "name_of_person", "agency", name=name)
    if found is not None and found.region != region:
        raise RefusedError(Code.INVALID, "stays_in_region", "region", name=name, region=found.region)
    if found is None:
        party.share_region(connection, region)
    must_know_region(connection, rulebooks, region, at, "region")
