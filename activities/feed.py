"""What may the platform feed? Checked against what is known already; what was fed is recorded."""

import unicodedata
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from activities.books import Books
from activities.look import Woken
from activities.recount import recount
from activities.rescore import RECLASSED
from rulebook.terms import SubjectKind
from states.terms import AGENCY_ROLES, STAFF, Code, RefusedError, Role
from store import feed, journal, party, policy
from store.party import Profile

# What we call ourselves, and those whose names a party does not learn: nobody else is called so.
RESERVED = frozenset(
    {"clock", "engine", "platform", "time", "the engine", "the platform", "a reviewer", "another agency"}
)  # fmt: skip


def agency(connection: Connection, books: Books, name: str, region: str, at: datetime) -> None:
    """Feed an agency.

    Raises:
        RefusedError: `invalid`: the name is taken by somebody else, or the region is unknown or another one now.
    """
    _must_be_free(name, "agency")
    _subject(connection, books, name, SubjectKind.AGENCY, region, at)
    _record(connection, at, lambda: feed.agency(connection, name, region))


def person(
    connection: Connection,
    books: Books,
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
        raise RefusedError(Code.INVALID, f"`role`: {name} is {known.role}, and can't change sides.", "role")
    if known is not None and known.role not in {*STAFF, *AGENCY_ROLES}:
        raise RefusedError(Code.INVALID, f"`role`: {name} is {known.role}.", "role")
    if party.subject(connection, name) is not None:
        raise RefusedError(Code.INVALID, f"`person`: {name} is the name of an agency or a creator.", "person")
    if (agency is not None) != (role in AGENCY_ROLES):
        raise RefusedError(Code.INVALID, "`agency`: an agency's person has one, and staff have none.", "agency")
    if known is not None and known.agency != agency:
        raise RefusedError(Code.INVALID, f"`agency`: {name} belongs to {known.agency}.", "agency")
    if agency is not None:
        _must_be(connection, agency, SubjectKind.AGENCY, "agency")
    for region in regions:
        _must_know(connection, books, region, at, "regions")
    _record(
        connection,
        at,
        lambda: feed.person(connection, name, role, agency=agency, regions=regions, languages=languages),
    )


def creator(
    connection: Connection, books: Books, name: str, region: str, profile: Profile, since: datetime | None, at: datetime
) -> Woken:
    """Feed a creator and what its price depends on, in the caller's transaction; give who must be woken after it.

    Raises:
        RefusedError: `invalid`, naming the field.
    """
    _must_be_free(name, "creator")
    known = party.actor(connection, name)
    if known is not None and known.role is not Role.CREATOR:
        raise RefusedError(Code.INVALID, f"`creator`: {name} is {known.role}.", "creator")
    _subject(connection, books, name, SubjectKind.CREATOR, region, at)
    if since is not None and since > at:
        raise RefusedError(Code.INVALID, "`since` lies in the future.", "since")
    with journal.recording(connection, "feed", at):
        known_as = party.lock(connection, [name])
        before = party.profile(connection, name, at)
        feed.creator(connection, name, region, profile, since or feed.ALWAYS)
        now = party.profile(connection, name, at)
        if before is None or now is None or before.creator_class is now.creator_class:
            return Woken()
        return recount(connection, books, known_as[0], RECLASSED, at)


def management(
    connection: Connection, name: str, agency: str | None, agent: str | None, since: datetime | None, at: datetime
) -> None:
    """Feed who manages a creator.

    Raises:
        RefusedError: `not_found` where there is no such creator; `invalid`, naming the field.
    """
    found = party.subject(connection, name)
    if found is None or found.kind is not SubjectKind.CREATOR:
        raise RefusedError(Code.NOT_FOUND, f"There is no creator {name}.", "creator")
    if agency is not None:
        _must_be(connection, agency, SubjectKind.AGENCY, "agency")
    if agent is not None:
        person = party.actor(connection, agent)
        if person is None or person.role is not Role.AGENT or person.agency != agency:
            raise RefusedError(Code.INVALID, f"`agent`: {agency} has no agent {agent}.", "agent")
    _record(connection, at, lambda: feed.management(connection, name, agency, agent, since or at))


def _subject(connection: Connection, books: Books, name: str, kind: SubjectKind, region: str, at: datetime) -> None:
    found = party.subject(connection, name)
    if found is not None and found.kind is not kind:
        raise RefusedError(Code.INVALID, f"`{kind}`: {name} is the name of another {found.kind}.", kind)
    if found is None and kind is SubjectKind.AGENCY and party.actor(connection, name) is not None:
        raise RefusedError(Code.INVALID, f"`agency`: {name} is the name of a person.", "agency")
    if found is not None and found.region != region:
        raise RefusedError(Code.INVALID, f"`region`: {name} is judged in {found.region}, and stays there.", "region")
    _must_know(connection, books, region, at, "region")


def _must_be_free(name: str, field: str) -> None:
    if " ".join(unicodedata.normalize("NFKC", name).casefold().split()) in RESERVED:
        raise RefusedError(Code.INVALID, f"`{field}`: nobody is called {name}.", field)


def _must_be(connection: Connection, name: str, kind: SubjectKind, field: str) -> None:
    found = party.subject(connection, name)
    if found is None or found.kind is not kind:
        raise RefusedError(Code.INVALID, f"`{field}`: there is no {kind} {name}.", field)


def _must_know(connection: Connection, books: Books, region: str, at: datetime, field: str) -> None:
    digest = policy.in_force(connection, at)
    if digest is None or region not in books.book(connection, digest).regions:
        raise RefusedError(Code.INVALID, f"`{field}`: the rulebook knows no region {region}.", field)


def _record(connection: Connection, at: datetime, write: Callable[[], None]) -> None:
    with journal.recording(connection, "feed", at):
        write()
