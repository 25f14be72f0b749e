"""What does whoever reads a case get, to prove later what its record was?"""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Engine

from desk.reading.dossier import find
from states.situation import Actor
from states.terms import STAFF, Code, RefusedError
from store import receipt
from store.receipt import Receipt
from store.row_security import present


class Receipts:
    """Reads; nothing is changed, and Temporal is not asked."""

    def __init__(self, engine: Engine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._now = now

    def of(self, actor: Actor, case_id: str) -> Receipt:
        """The proof that the newest line of the case which the actor reads is under a signed checkpoint.

        Raises:
            RefusedError: `not_found`: there is no case for the actor, or no checkpoint of it yet; `forbidden`: staff of
                other regions.
        """
        with present(self._engine, actor, self._now()) as (connection, now):
            find(connection, actor, case_id, now)
        with self._engine.begin() as connection:  # no reader's role reads checkpoints
            found = receipt.newest(connection, case_id, all_lines=actor.role in STAFF)
        if found is None:
            raise RefusedError(Code.NOT_FOUND, "no_receipt_yet", "case", case=case_id)
        return found
