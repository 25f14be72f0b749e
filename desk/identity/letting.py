"""Who is let in, once it is proven who they are?"""

from sqlalchemy import Connection

from desk.identity.oidc import Vouched
from desk.identity.unproven import UnprovenError
from states.situation import Actor
from states.terms import Role
from store import identity, party

_NOBODY = frozenset({Role.CLOCK, Role.ENGINE})


def let_in(connection: Connection, actor: Actor | None, *behind: str, demo: bool) -> Actor:
    """The person who is proven; `behind` are others on whose word the proof rests, like the maker of a key.

    Raises:
        UnprovenError: nobody here; or of the demo's cast, and this is no `demo`.
    """
    if actor is None or actor.role in _NOBODY:
        raise UnprovenError("nobody here")
    if not demo and identity.of_demo(connection, actor.id, *behind):
        raise UnprovenError("of the demo cast, and this is no demo")
    return actor


def vouched_for(connection: Connection, told: Vouched, *, demo: bool) -> Actor:
    """The person whom a token names, of a role that its issuer may vouch for.

    Raises:
        UnprovenError: there is none.
    """
    actor = let_in(connection, party.actor(connection, told.person), demo=demo)
    if actor.role not in told.issuer.roles:
        raise UnprovenError("the issuer can't vouch for that role")
    return actor
