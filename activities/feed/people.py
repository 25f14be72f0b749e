"""Who comes, changes and leaves? The platform feeds the people of agencies and the staff (ruling 23).

Somebody with another role or agency, and somebody who leaves, has no session, key or draft any more, and what they
claimed is put back, all in the feed's transaction. What they did stays under their name.

Locks are taken in the commit's order: the person, their cases, subjects, and last the chain of records.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from activities.feed.claims import put_back
from activities.feed.known import must_be, must_be_free, must_know_region
from activities.look import Woken
from activities.rulebooks import Rulebooks
from rulebook.terms import SubjectKind
from states.situation import Actor
from states.terms import AGENCY_ROLES, REVIEWERS, STAFF, Code, RefusedError, Role
from store import draft, feed, identity, journal, party, session
from store.journal import DIRECT
from store.party import Person


@dataclass(frozen=True)
class Fed:
    """A person as the platform feeds them."""

    role: Role
    agency: str | None
    regions: Collection[str]
    languages: Collection[str]


def person(
    connection: Connection, rulebooks: Rulebooks, name: str, fed: Fed, at: datetime, *, through: str = DIRECT
) -> Woken:
    """Feed an agency's person or one of the staff, in the caller's transaction; give who must be woken after it.

    Raises:
        RefusedError: `invalid`, naming the field.
    """
    must_be_free(name, "person")
    known = party.person(connection, name, lock=True)
    if known is not None:
        _must_stay_on_side(known.actor, fed.role)
    if party.subject(connection, name) is not None:
        raise RefusedError(Code.INVALID, "name_of_subject", "person", name=name)
    _must_fit(connection, rulebooks, fed, at)
    moves, woken = known is not None and _moves(known, fed), Woken()
    if known is not None:
        lost = known.actor.regions if moves else known.actor.regions - set(fed.regions)
        woken = put_back(connection, rulebooks, name, lost, at)
    with journal.recording(connection, "feed", at, through):
        if known is not None and moves:
            feed.seat(connection, known, fed.role, fed.agency, at)
            _vacate(connection, known.actor, at)
        feed.person(
            connection, name, fed.role, agency=fed.agency, regions=sorted(fed.regions), languages=sorted(fed.languages)
        )
    return woken


def end(connection: Connection, rulebooks: Rulebooks, name: str, at: datetime, *, through: str = DIRECT) -> Woken:
    """A person leaves the agency, the staff or the platform's care; ended again, nothing changes.

    An agent's creators become the agency's own. Password and second factor are gone: who comes back gets new ones.

    Raises:
        RefusedError: `not_found` where nobody is known by that name; `invalid`: it is the product's own actor.
    """
    must_be_free(name, "person")
    known = party.person(connection, name, lock=True)
    if known is None:
        raise RefusedError(Code.NOT_FOUND, "nobody", "person", name=name)
    if known.actor.role not in {*STAFF, *AGENCY_ROLES, Role.CREATOR}:
        raise RefusedError(Code.INVALID, "is_another", "person", name=name, role=known.actor.role.value)
    if known.ended_at is not None:
        return Woken()
    woken = put_back(connection, rulebooks, name, known.actor.regions, at)
    with journal.recording(connection, "feed", at, through):
        feed.ended(connection, name, at)
        _vacate(connection, known.actor, at)
    identity.drop_account(connection, name)
    return woken


def _must_stay_on_side(known: Actor, role: Role) -> None:
    """Who was ever among the staff is never an agency's person, and the other way round: each would judge their own."""
    if (known.role in STAFF) != (role in STAFF):
        raise RefusedError(Code.INVALID, "changes_sides", "role", name=known.id, role=known.role.value)
    if known.role not in {*STAFF, *AGENCY_ROLES}:
        raise RefusedError(Code.INVALID, "is_another", "role", name=known.id, role=known.role.value)


def _must_fit(connection: Connection, rulebooks: Rulebooks, fed: Fed, at: datetime) -> None:
    if (fed.agency is not None) != (fed.role in AGENCY_ROLES):
        raise RefusedError(Code.INVALID, "agencys_people_have_one", "agency")
    if fed.agency is not None:
        must_be(connection, fed.agency, SubjectKind.AGENCY, "agency")
    if fed.role in REVIEWERS and not fed.regions:
        raise RefusedError(Code.INVALID, "reviewers_have_regions", "regions")
    for region in fed.regions:
        must_know_region(connection, rulebooks, region, at, "regions")


def _moves(known: Person, fed: Fed) -> bool:
    return known.ended_at is not None or (known.actor.role, known.actor.agency) != (fed.role, fed.agency)


def _vacate(connection: Connection, who: Actor, at: datetime) -> None:
    """Take what went with the seat: sessions, keys, drafts, and the creators whom an agent managed."""
    session.end_all(connection, who.id)
    draft.drop_all(connection, who.id)
    identity.revoke_keys(connection, who.id, at)
    if who.role is Role.AGENT:
        feed.without_agent(connection, who.id, at)
