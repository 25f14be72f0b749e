"""The agency, creator or person of a name, or the refusal where there is none."""

from sqlalchemy import Connection, Engine

from states.situation import Actor
from states.terms import Code, RefusedError
from store import party
from store.party import Subject


def subject_of(connection: Connection, subject_id: str) -> Subject:
    """The subject.

    Raises:
        RefusedError: `not_found`.
    """
    subject = party.subject(connection, subject_id)
    if subject is None:
        raise nobody(subject_id)
    return subject


def known(engine: Engine, person: str) -> Actor:
    """The person of a name, as an actor.

    Raises:
        RefusedError: `not_found`, field `by`.
    """
    with engine.begin() as connection:
        found = party.actor(connection, person)
    if found is None:
        raise RefusedError(Code.NOT_FOUND, "nobody", "by", name=person)
    return found


def nobody(subject_id: str) -> RefusedError:
    """The refusal of a subject that is not there, or not to be seen."""
    return RefusedError(Code.NOT_FOUND, "no_subject", "subject", name=subject_id)
