"""Which parties may the platform feed? Checked against those known already; a feed is recorded and hash-chained."""

import unicodedata
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from activities.feed.recount import reclassed
from activities.look import Woken
from activities.rulebooks import Rulebooks
from rulebook.terms import SubjectKind
from states.terms import AGENCY_ROLES, STAFF, Code, RefusedError, Role
from store import feed, journal, party
from store.party import Profile

# The product's own actors, and what stands in for hidden names: nobody else may be called so.
RESERVED = frozenset(
    {"clock", "engine", "platform", "time", "the engine", "the platform", "a reviewer", "another agency"}
)  # fmt: skip


def agency(connection: Connection, rulebooks: Rulebooks, name: str, region: str, at: datetime) -> None:
    """Feed an agency.

    Raises:
        RefusedError: `invalid`: the name is taken by somebody else, or the region is unknown or another one now.
    """
    _must_be_free(name, "agency")
    _subject(connection, rulebooks, name, SubjectKind.AGENCY, region, at)
    _record(connection, at, lambda: feed.agency(connection, name, region))


def person(
    connection: Connection,
    rulebooks: Rulebooks,
    name: str,
    role: Role,
    at: datetime,
    *,
    agency: str | None,
    regions: list[str],
    languages: list[str],
) -> None:
    """Feed an agency's person or one of the staff.

    Raises:
        RefusedError: `invalid`, naming the field.
    """
    _must_be_free(name, "person")
    known = party.actor(connection, name)
    if known is not None and (known.role in STAFF) != (role in STAFF):
        raise RefusedError(Code.INVALID, "changes_sides", "role", name=name, role=known.role.value)
    if known is not None and known.role not in {*STAFF, *AGENCY_ROLES}:
        raise RefusedError(Code.INVALID, "is_another", "role", name=name, role=known.role.value)
    if party.subject(connection, name) is not None:
        raise RefusedError(Code.INVALID, "name_of_subject", "person", name=name)
    if (agency is not None) != (role in AGENCY_ROLES):
        raise RefusedError(Code.INVALID, "agencys_people_have_one", "agency")
    if known is not None and known.agency != agency:
        raise RefusedError(Code.INVALID, "belongs_to_another", "agency", name=name, agency=known.agency)
    if agency is not None:
        _must_be(connection, agency, SubjectKind.AGENCY, "agency")
    for region in regions:
        _must_know(connection, rulebooks, region, at, "regions")
    _record(
        connection,
        at,
        lambda: feed.person(connection, name, role, agency=agency, regions=regions, languages=languages),
    )


def creator(
    connection: Connection,
    rulebooks: Rulebooks,
    name: str,
    region: str,
    profile: Profile,
    since: datetime | None,
    at: datetime,
) -> Woken:
    """Feed a creator and what its price depends on, in the caller's transaction; give who must be woken after it.

    Raises:
        RefusedError: `invalid`, naming the field.
    """
    _must_be_free(name, "creator")
    known = party.actor(connection, name)
    if known is not None and known.role is not Role.CREATOR:
        raise RefusedError(Code.INVALID, "is_another", "creator", name=name, role=known.role.value)
    _subject(connection, rulebooks, name, SubjectKind.CREATOR, region, at)
    if since is not None and since > at:
        raise RefusedError(Code.INVALID, "in_the_future", "since")
    with journal.recording(connection, "feed", at):
        known_as = party.lock(connection, [name])
        before = party.profile(connection, name, at)
        feed.creator(connection, name, region, profile, since or feed.ALWAYS)
        now = party.profile(connection, name, at)
        if before is None or now is None or before.creator_class is now.creator_class:
            return Woken()
        return reclassed(connection, rulebooks, known_as[0], before.creator_class, at)


def management(
    connection: Connection, name: str, agency: str | None, agent: str | None, since: datetime | None, at: datetime
) -> None:
    """Feed who manages a creator.

    Raises:
        RefusedError: `not_found` where there is no such creator; `invalid`, naming the field.
    """
    found = party.subject(connection, name)
    if found is None or found.kind is not SubjectKind.CREATOR:
        raise RefusedError(Code.NOT_FOUND, "no_such_creator", "creator", name=name)
    if agency is not None:
        _must_be(connection, agency, SubjectKind.AGENCY, "agency")
    if agent is not None:
        person = party.actor(connection, agent)
        if person is None or person.role is not Role.AGENT or person.agency != agency:
            raise RefusedError(Code.INVALID, "no_agent", "agent", agency=agency, name=agent)
    _record(connection, at, lambda: feed.management(connection, name, agency, agent, since or at))


def _subject(
    connection: Connection, rulebooks: Rulebooks, name: str, kind: SubjectKind, region: str, at: datetime
) -> None:
    found = party.subject(connection, name)
    if found is not None and found.kind is not kind:
        raise RefusedError(Code.INVALID, "name_of_another", kind, name=name, kind=found.kind.value)
    if found is None and kind is SubjectKind.AGENCY and party.actor(connection, name) is not None:
        raise RefusedError(Code.INVALID, "name_of_person", "agency", name=name)
    if found is not None and found.region != region:
        raise RefusedError(Code.INVALID, "stays_in_region", "region", name=name, region=found.region)
    _must_know(connection, rulebooks, region, at, "region")


def _must_be_free(name: str, field: str) -> None:
    if " ".join(unicodedata.normalize("NFKC", name).casefold().split()) in RESERVED:
        raise RefusedError(Code.INVALID, "reserved_name", field, name=name)


def _must_be(connection: Connection, name: str, kind: SubjectKind, field: str) -> None:
    found = party.subject(connection, name)
    if found is None or found.kind is not kind:
        raise RefusedError(Code.INVALID, "no_such_subject", field, kind=kind.value, name=name)


def _must_know(connection: Connection, rulebooks: Rulebooks, region: str, at: datetime, field: str) -> None:
    digest = rulebooks.digest(connection, at)
    if digest is None or region not in rulebooks.version(connection, digest).regions:
        raise RefusedError(Code.INVALID, "no_region", field, region=region)


def _record(connection: Connection, at: datetime, write: Callable[[], None]) -> None:
    with journal.recording(connection, "feed", at):
        write()
