"""A person is forgotten: their key is destroyed, and what they wrote, and what was written about them, with it.

Scores, ledger, journal and chains stay as they are: they have ids and hashes of what is encrypted (decision 0025).
"""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection, Engine

from states.situation import Actor
from states.terms import Code, RefusedError
from store import keyring, party, privacy
from store.keyring import of_party
from store.moment import moment
from store.privacy import Kept
from store.schema.privacy import Order


class Erasing:
    """Erases people, and holds what is theirs, or a case's, back from it; for whoever runs the engine."""

    def __init__(self, engine: Engine, now: Callable[[], datetime], through: str) -> None:
        self._engine = engine
        self._now = now
        self._through = through

    def foresee(self, who: str) -> Kept:
        """What would be erased.

        Raises:
            RefusedError: as `erase`.
        """
        with self._engine.begin() as connection:
            return _must_be_free(connection, who)

    def erase(self, actor: Actor, who: str, why: str) -> Kept:
        """Erase somebody who has left; what was erased. Again it is the same.

        Raises:
            RefusedError: `not_found`: nobody is called so; `forbidden`: they have not left, have part in a case that is
                open, or are held, or such a case is.
            AwayError: the order is kept, and a worker destroys the key when it can (`workers/clearing.py`).
        """
        with self._engine.begin() as connection:
            found = _must_be_free(connection, who)
            at = moment(connection, self._now())
            privacy.order(connection, actor.id, Order.ERASE, [(who, why)], at, self._through)
            privacy.drop_own(connection, who, at)
            keys = keyring.of(connection)
        keys.destroy(of_party(who))
        return found

    def hold(self, actor: Actor, name: str, why: str, *, hold: bool) -> None:
        """Hold a person, a creator or a case back from erasing; or do so no longer.

        Raises:
            RefusedError: `not_found`: nothing is called so.
        """
        with self._engine.begin() as connection:
            if not privacy.known(connection, name):
                raise RefusedError(Code.NOT_FOUND, "nobody", "name", name=name)
            at = moment(connection, self._now())
            kind = Order.HOLD if hold else Order.RELEASE
            privacy.order(connection, actor.id, kind, [(name, why)], at, self._through)


def _must_be_free(connection: Connection, who: str) -> Kept:
    known = party.person(connection, who, lock=True)
    if known is None:
        raise RefusedError(Code.NOT_FOUND, "nobody", "person", name=who)
    if known.ended_at is None:
        raise RefusedError(Code.FORBIDDEN, "erase_still_here", "person", name=who)
    found = privacy.kept(connection, who)
    if found.open:
        cases = {"cases": found.open}
        raise RefusedError(Code.FORBIDDEN, "erase_open", "person", facts=cases, name=who, count=len(found.open))
    if found.held:
        raise RefusedError(Code.FORBIDDEN, "erase_held", "person", facts={"held": found.held}, name=who)
    return found
